package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/replay"
	"e2etap/internal/tagger"
)

const retagLong = `retag says anew which test each recorded request belongs to, with all that the recording knows:
what later requests, specs and results told, and what this version of report has learned.
"proxy run" does it when the command ends. It changes only the attribution of requests; done
twice, it changes nothing the second time. It needs a recording that nobody records into.

For each run it tells:

  requests     all of the run
  changed      those whose attribution is another now: the test, what named it, which sources
               agree, why there is none, the phase or the attempt
  other_test   of these, those with another test (or none, or the first)
  moves        of these, what named the test before and now: "none > process 12"

--user-agent-pattern is for runs that were recorded with the wrong one. It is not kept: pass it
again the next time.`

const retagExamples = `  report retag
  report retag --run all -o json
  report retag --run run-3 --user-agent-pattern '^chainsaw \((.*)\)'`

func newRetag(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "retag", Short: "Find the tests of recorded requests again", Long: retagLong, Example: retagExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opened(cmd, o.changing, o.edit, func(e *db.Editor, format render.Format) error {
				runs, err := o.chosenRuns(&e.Reader)
				if err != nil {
					return err
				}
				return o.retag(cmd, e, runs, format)
			})
		},
	}
	o.addRun(cmd, "the run: its name, latest, or all")
	o.addPattern(cmd)
	return cmd
}

// changing checks the flags of commands that look at User-Agents again.
func (o *options) changing() (render.Format, error) {
	if _, err := tagger.New(o.pattern); err != nil {
		return "", fmt.Errorf("--user-agent-pattern: %w", err)
	}
	return o.format()
}

// replayed is a run as it is to be attributed.
func (o *options) replayed(run *db.RunInfo) replay.Run {
	return replay.Run{ID: run.ID, Pattern: cmp.Or(o.pattern, run.Pattern)}
}

var retagColumns = []render.Column{
	{Name: "run", Title: "RUN"},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "changed", Title: "CHANGED", Kind: render.Count},
	{Name: "other_test", Title: "OTHER TEST", Kind: render.Count},
	{Name: "moves", Title: "MOVES", Empty: "-"},
}

func (o *options) retag(cmd *cobra.Command, e *db.Editor, runs []db.RunInfo, format render.Format) error {
	var rows [][]any
	for i := range runs {
		c, err := o.retagRun(e, &runs[i], cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		rows = append(rows, []any{runs[i].Name, int64(c.Requests), int64(c.Changed), int64(c.OtherTest), movesText(c.Moves)})
	}
	return write(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, table(retagColumns, rows), "no runs in "+o.db)
}

func (o *options) retagRun(e *db.Editor, run *db.RunInfo, stderr io.Writer) (replay.Changes, error) {
	p := newProgress(stderr, fmt.Sprintf("attributing the %d requests of %s", run.Requests, run.Name), 2*run.Requests)
	defer p.end()
	return replay.RetagChanges(e, o.replayed(run), p.tick)
}

// movesText lists the moves, commonest first.
func movesText(moves map[replay.Move]int) string {
	order := slices.SortedFunc(maps.Keys(moves), func(a, b replay.Move) int {
		return cmp.Or(cmp.Compare(moves[b], moves[a]), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	var words []string
	for _, m := range order {
		words = append(words, fmt.Sprintf("%v > %v %d", m.From, m.To, moves[m]))
	}
	return strings.Join(words, ", ")
}
