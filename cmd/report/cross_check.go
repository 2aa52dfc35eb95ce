package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/crosscheck"
	"e2etap/internal/db"
	"e2etap/internal/render"
)

const crossCheckLong = `cross-check compares a recorded run with the API server's audit log, which "report import-audit"
has added to the recording: request by request, on the audit ID, both ways. Each request is in
one cell:

  around       audited but not recorded, of a program that was recorded, too: it went around the
               proxy
  unexplained  recorded but not audited, and nothing tells why
  differs      in both, with different verb, resource (with group, version and subresource),
               object (namespace/name), status, user, user-agent (with the test that the proxy
               appended), or time (received more than a second before the request began or after
               it ended, when the usual difference of the clocks is taken out)
  uncovered    recorded before the log's first request or after its last
  matched      the same in both
  refused      recorded only: the proxy answered by itself
  unreachable  recorded only: no connection to the API server could be made
  aborted      recorded only: it ended before an answer and may not have reached the API server
  open         recorded only: it had not ended
  omitted      recorded only: the policy omits it, as it seems: no request of this verb and
               resource, or of this program, is logged, though others are
  own          audited only: the proxy's own questions
  others       audited only: programs that never came through the proxy, such as controllers

Audited only counts what the API server received between the run's start and end, by the proxy's
clock, and no other run of the recording has. The table has a row for each cell, kinds of
differences, client (the program that the User-Agent names; matched requests are not told apart)
and source (its address, of audited only): cell, kinds, client, source, requests.

What it cannot know: the name of a created object, and which user a certificate or a token stands
for, are not recorded and so not compared; nor are statuses of answers that broke off. A status is
of the answer's header, so a watch may be matched before it ends.

--list CELL lists a cell's requests instead: run, cell, kinds, differences, time (recorded, or
audited if that is all), id, audit_id, verb, resource, namespace, name, path, status, user_agent,
user (audited), source.

Exit codes: 0 all is explained, 1 a request is in one of the first four cells, or failure (no audit
log of the run's time, for instance), 2 wrong usage.`

const crossCheckExamples = `  report cross-check
  report cross-check --run run-3 -o json
  report cross-check --list around`

func newCrossCheck(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "cross-check", Short: "Compare a run with the API server's audit log", Long: crossCheckLong, Example: crossCheckExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opened(cmd, o.crossChecking, o.open, func(r *db.Reader, format render.Format) error {
				return o.crossCheck(r, format, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	cmd.Flags().StringVar(&o.cell, "list", "", "list the requests of this cell: "+strings.Join(cellNames(), ", "))
	return cmd
}

// crossChecking checks the flags.
func (o *options) crossChecking() (render.Format, error) {
	format, err := o.format()
	if err == nil && o.cell != "" && !slices.Contains(cellNames(), o.cell) {
		err = fmt.Errorf("--list %q: want one of %s", o.cell, strings.Join(cellNames(), ", "))
	}
	return format, err
}

func cellNames() (names []string) {
	for _, c := range crosscheck.Cells() {
		names = append(names, string(c))
	}
	return names
}

func (o *options) crossCheck(r *db.Reader, format render.Format, stdout, stderr io.Writer) error {
	run, err := r.Run(o.run)
	if err != nil {
		return err
	}
	p := newProgress(stderr, "comparing "+run.Name+" with the audit log", run.Requests)
	c := crossCounts{}
	var list [][]any
	err = crosscheck.Check(r, run, func(f *crosscheck.Finding) error {
		p.tick()
		c.add(f)
		if string(f.Cell) == o.cell {
			list = append(list, crossListRow(run.Name, f))
		}
		return nil
	})
	p.end()
	if err != nil {
		return err
	}
	t := table(crossColumns, c.rows(run.Name))
	if o.cell != "" {
		t = table(crossListColumns, list)
	}
	return errors.Join(write(stdout, stderr, format, t, fmt.Sprintf("no requests of %s are %s", run.Name, cmp.Or(o.cell, "anywhere"))), c.bad(run.Name))
}

var crossColumns = []render.Column{
	{Name: "run"},
	{Name: "cell", Title: "CELL"},
	{Name: "kinds", Title: "KINDS", Empty: "-"},
	{Name: "client", Title: "CLIENT", Empty: "-"},
	{Name: "source", Title: "SOURCE", Empty: "-"},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
}

// crossKey is what requests of one row have in common.
type crossKey struct {
	cell                  crosscheck.Cell
	kinds, client, source string
}

type crossCounts map[crossKey]int64

func (c crossCounts) add(f *crosscheck.Finding) {
	key := crossKey{cell: f.Cell, kinds: strings.Join(f.Kinds, ",")}
	if f.Cell != crosscheck.Matched {
		key.client = f.Client
	}
	if f.Request == nil {
		key.source = auditSource(f)
	}
	c[key]++
}

// rows are in the order of the cells, in each those of most requests first.
func (c crossCounts) rows(run string) (rows [][]any) {
	place := func(k crossKey) int { return slices.Index(crosscheck.Cells(), k.cell) }
	var keys []crossKey
	for k := range c {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b crossKey) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(c[b], c[a]), cmp.Compare(a.client, b.client),
			cmp.Compare(a.source, b.source), cmp.Compare(a.kinds, b.kinds))
	})
	for _, k := range keys {
		rows = append(rows, []any{run, string(k.cell), k.kinds, k.client, k.source, c[k]})
	}
	return rows
}

// bad is an error if there are requests in cells that leave a question.
func (c crossCounts) bad(run string) error {
	sums := map[crosscheck.Cell]int64{}
	for k, n := range c {
		sums[k.cell] += n
	}
	var words []string
	for _, cell := range crosscheck.Cells() {
		if cell.Bad() && sums[cell] > 0 {
			words = append(words, fmt.Sprintf("%s %d", cell, sums[cell]))
		}
	}
	if words == nil {
		return nil
	}
	return fmt.Errorf("cross-check %s: %s\nhint: see them with --list", run, strings.Join(words, ", "))
}
