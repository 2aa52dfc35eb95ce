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
	"e2etap/internal/traffic"
)

const retagLong = `retag says anew which test each recorded request belongs to, with all that the recording knows:
what later requests, specs, results and an imported audit log told, and what this version of
report has learned. So it does for the requests that only the audit log has of the run's time.
"proxy run" does it when the command ends. It changes only the attribution of requests; done
twice, it changes nothing the second time. It needs a recording that nobody records into.

For each run it tells:

  requests     all of the run
  changed      those whose attribution is another now: the test, what named it, which sources
               agree, why there is none, the phase or the attempt
  other_test   of these, those with another test (or none, or the first)
  moves        of these, what named the test before and now: "none > process 12"
  behalf, noise, around, others
               requests that only the audit log has of the run's time, by role (around: test, others:
               other; see --include in "report --help"); null if no log of it is imported, and then not in
               tables

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
func (o *options) replayed(run db.RunInfo) db.RunInfo {
	run.Pattern = cmp.Or(o.pattern, run.Pattern)
	return run
}

var retagColumns = []render.Column{
	{Name: "run", Title: "RUN"},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "changed", Title: "CHANGED", Kind: render.Count},
	{Name: "other_test", Title: "OTHER TEST", Kind: render.Count},
	{Name: "moves", Title: "MOVES", Empty: "-"},
}

// retagRoleColumns are the numbers of rolesOf, which tables have only where a log was imported.
func retagRoleColumns(logged bool) []render.Column {
	all := []render.Column{
		{Name: "behalf", Kind: render.Count},
		{Name: "noise", Kind: render.Count},
		{Name: "around", Kind: render.Count},
		{Name: "others", Kind: render.Count},
	}
	for i := range all {
		if logged {
			all[i].Title = strings.ToUpper(all[i].Name)
		}
	}
	return all
}

func (o *options) retag(cmd *cobra.Command, e *db.Editor, runs []db.RunInfo, format render.Format) error {
	var rows [][]any
	logged := false
	for i := range runs {
		c, err := o.retagRun(e, &runs[i], cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		logged = logged || c.Unrecorded != nil
		row := []any{runs[i].Name, int64(c.Requests), int64(c.Changed), int64(c.OtherTest), movesText(c.Moves)}
		rows = append(rows, append(row, rolesOf(c)...))
	}
	return write(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, table(slices.Concat(retagColumns, retagRoleColumns(logged)), rows), "no runs in "+o.db)
}

// rolesOf are the numbers of requests that only the audit log has.
func rolesOf(c replay.Changes) []any {
	if c.Unrecorded == nil {
		return []any{nil, nil, nil, nil}
	}
	sums := map[traffic.Role]int64{}
	for v, n := range c.Unrecorded {
		sums[v.Role] += int64(n)
	}
	return []any{sums[traffic.RoleBehalf], sums[traffic.RoleNoise], sums[traffic.RoleTest], sums[traffic.RoleOther]}
}

func (o *options) retagRun(e *db.Editor, run *db.RunInfo, stderr io.Writer) (replay.Changes, error) {
	p := newProgress(stderr, fmt.Sprintf("attributing the %d requests of %s", run.Requests, run.Name), 2*run.Requests)
	defer p.end()
	return replay.RetagChanges(e, o.replayed(*run), p.tick)
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

// retagLogged attributes anew the runs of whose time an imported audit log has something, if that is new.
func (o *options) retagLogged(e *db.Editor, i *auditImport, stderr io.Writer) error {
	if i.done.New+i.done.Completed == 0 {
		return nil
	}
	first, last, err := e.AuditSpan()
	if err != nil {
		return err
	}
	runs, err := e.Runs()
	for i := range runs {
		if run := &runs[i]; err == nil && !run.Start.After(last) && (run.End.IsZero() || !run.End.Before(first)) {
			_, err = o.retagRun(e, run, stderr)
		}
	}
	return err
}
