package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

const testLong = `test lists the operations of the API that a test asked for. NAME means the test of exactly that name,
or the only one that it matches or is a part of, as --test of "report --help"; "" means the requests
without a test. If several match, they are listed.

stderr tells how its specs ended and how long they took, as far as that is known. Each operation, by
path and method, has

  operation    its operationId; "" for what has no operation, such as /healthz and what a test asks of
               custom resources whose documents were not there when they were read
  method, path as the documents have them; for what has no operation, as far as they are known
  group, version, kind, level, deprecated, eligible
               as "report endpoint --help" says; "" or null for what has no operation
  requests     of the test, whatever the answer
  successes    of these, with an answer from 200 to 299, or 101
  watches      of these, watches that count for a list
  statuses     of the answers, and how many: "200 3, 404 1"; "none" is no answer
  tests        of the run that asked for the operation
  from_header, from_user_agent, … as "report --help" says
               requests by the source that named the test; SOURCES in tables

and in JSON and CSV test, the test's name.

Exit codes: 0 done, 1 failure (also if no test or several match), 2 wrong usage.`

const testExamples = `  report test 'Lease lease API'
  report test '[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]' -o json
  report test 'Lease lease API' -o json | jq -r '.[] | select(.tests == 1) | .operation'`

func newTest(o *options) *cobra.Command {
	var lists listFiles
	cmd := &cobra.Command{
		Use: "test NAME", Short: "List the operations of the API that a test asked for", Long: testLong, Example: testExamples,
		Args: cobra.ExactArgs(1), ValidArgsFunction: o.completeFrom(completeTests),
		RunE: func(cmd *cobra.Command, args []string) error {
			return opened(cmd, o.format, o.open, func(r *db.Reader, format render.Format) error {
				return o.ofTest(r, args[0], &lists, format, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	lists.add(cmd)
	return cmd
}

func testColumns() []render.Column {
	tests := render.Column{Name: "tests", Title: "TESTS", Kind: render.Count}
	return slices.Concat([]render.Column{{Name: "test"}}, operationColumns, useColumns, []render.Column{tests}, fromColumns())
}

func (o *options) ofTest(r *db.Reader, pattern string, lists *listFiles, format render.Format, stdout, stderr io.Writer) error {
	run, err := o.loadCoverage(r, lists, stderr)
	if err != nil {
		return err
	}
	_, specs, err := r.Known(run.Info.ID)
	if err != nil {
		return err
	}
	name, err := findTest(r, run, specs, pattern)
	if err != nil {
		return err
	}
	tellTest(name, specs, stderr)
	rows := slices.Concat(resolvedRows(run, name), unresolvedRowsOf(run, name))
	return write(stdout, stderr, format, table(testColumns(), rows), "it asked for nothing")
}

// findTest finds the test that a pattern means, of those that have requests or specs.
func findTest(r *db.Reader, run *coverage.Run, specs []*traffic.Spec, pattern string) (string, error) {
	if pattern == "" || pattern == noTest {
		return "", nil
	}
	names, err := r.MatchTests("", []int64{run.Info.ID})
	if err != nil {
		return "", err
	}
	for _, s := range specs {
		names = append(names, s.Test)
	}
	return oneOf("test", pattern, names, `see the names with "report --by-test"`)
}

// tellTest says which test it is, and how its specs ended.
func tellTest(name string, specs []*traffic.Spec, stderr io.Writer) {
	var ends []string
	for _, s := range specs {
		if s.Test == "" || s.Test != name {
			continue
		}
		end := cmp.Or(s.Outcome.String(), "no outcome is known")
		if d, known := durationOf(s).(time.Duration); known {
			end += " in " + d.Round(time.Millisecond).String()
		}
		ends = append(ends, end)
	}
	if len(ends) == 0 && name != "" {
		ends = []string{"nothing told of its specs"}
	}
	fmt.Fprintf(stderr, "report: %s\n", strings.TrimSuffix(render.Printable(cmp.Or(name, noTest))+": "+strings.Join(ends, "; "), ": "))
}

func resolvedRows(run *coverage.Run, test string) (rows [][]any) {
	for _, asked := range run.OperationsOf(test) {
		rows = append(rows, testRow(test, operationValues(run, asked.Op), &asked.Op.Hits, asked.Use))
	}
	return rows
}

// unresolvedRowsOf are of what a test asked for that has no operation.
func unresolvedRowsOf(run *coverage.Run, test string) (rows [][]any) {
	for i := range run.Unresolved {
		u := &run.Unresolved[i]
		if use := u.Use(test); use != nil {
			values := []any{"", u.Method, endpointPath(&u.Endpoint), u.Group, u.Version, "", "", "", nil}
			rows = append(rows, testRow(test, values, &u.Hits, use))
		}
	}
	return rows
}

func testRow(test string, operation []any, hits *coverage.Hits, use *coverage.TestUse) []any {
	tests := len(hits.Tests)
	if hits.Use("") != nil {
		tests--
	}
	row := append([]any{test}, operation...)
	return append(append(append(row, useValues(use)...), int64(tests)), fromValues(use)...)
}

// endpointPath is the path of requests for an endpoint, with placeholders for names as the documents have them.
func endpointPath(e *db.Endpoint) string {
	if e.Resource == "" {
		return e.Path
	}
	parts := []string{"", "apis", e.Group, e.Version}
	if e.Group == "" {
		parts = []string{"", "api", e.Version}
	}
	if e.Namespaced {
		parts = append(parts, "namespaces", "{namespace}")
	}
	parts = append(parts, e.Resource)
	if e.Named && e.Verb != "list" && e.Verb != "watch" { // those name objects in their queries
		parts = append(parts, "{name}")
	}
	if e.Subresource != "" {
		parts = append(parts, e.Subresource)
	}
	if e.SubPath {
		parts = append(parts, "{path}")
	}
	return strings.Join(parts, "/")
}
