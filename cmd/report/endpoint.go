package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/render"
)

const endpointLong = `endpoint lists the tests that asked for an operation of the API. OPERATION is its operationId, its
method and path as the documents have it ("GET /api/v1/namespaces/{namespace}/pods"), or a part of
either that no other operation has; with * (any text) or ? (any character) it has to match as a whole.
If several match, they are listed.

stderr tells of the operation, and how many tests asked for it. Each test, most requests first, has

  test         its name; "" for requests that nothing attributes to a test
  conformance  yes or no; null without a test, and if the conformance lists are not known
  requests     of the test for the operation, whatever the answer
  successes    of these, with an answer from 200 to 299, or 101
  watches      of these, watches that count for a list
  statuses     of the answers, and how many: "200 3, 404 1"; "none" is no answer
  from_header, from_user_agent, … as "report --help" says
               requests by the source that named the test; SOURCES in tables
  example, example_time, example_path
               the first of the requests: its id, as "report --list" has it, start and path

and in JSON and CSV the operation's own operation, method, path, group, version, kind, level (stable,
beta, alpha), deprecated and eligible (for conformance tests; yes or no, as "report coverage --help" says).

Exit codes: 0 done (also if no test asked for it), 1 failure (also if no operation or several match),
2 wrong usage.`

const endpointExamples = `  report endpoint listCoreV1NamespacedPod
  report endpoint GET '/api/v1/namespaces/{namespace}/pods'
  report endpoint replaceAppsV1NamespacedDeploymentScale -o json | jq -r '.[].test'`

func newEndpoint(o *options) *cobra.Command {
	var lists listFiles
	cmd := &cobra.Command{
		Use: "endpoint OPERATION", Short: "List the tests that asked for an operation of the API", Long: endpointLong,
		Example: endpointExamples, Args: cobra.RangeArgs(1, 2), ValidArgsFunction: o.completeFrom(completeOperations),
		RunE: func(cmd *cobra.Command, args []string) error {
			return opened(cmd, o.format, o.open, func(r *db.Reader, format render.Format) error {
				return o.endpoint(r, strings.Join(args, " "), &lists, format, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	lists.add(cmd)
	return cmd
}

// endpointColumns are all that endpoint has.
func endpointColumns() []render.Column {
	own := slices.Clone(operationColumns)
	for i := range own {
		own[i].Title = ""
	}
	return slices.Concat(own, []render.Column{
		{Name: "test", Title: "TEST", Empty: noTest},
		{Name: "conformance"},
	}, useColumns, fromColumns(), []render.Column{
		{Name: "example", Title: "EXAMPLE", Kind: render.Count},
		{Name: "example_time", Title: "TIME", Kind: render.Time},
		{Name: "example_path"},
	})
}

func (o *options) endpoint(r *db.Reader, pattern string, lists *listFiles, format render.Format, stdout, stderr io.Writer) error {
	run, err := o.loadCoverage(r, lists, stderr)
	if err != nil {
		return err
	}
	op, err := findOperation(run, pattern)
	if err != nil {
		return err
	}
	resolve := run.Resolver()
	firsts, err := r.Firsts(db.Filter{Runs: []int64{run.Info.ID}}, func(e db.Endpoint) bool { return resolve(e) == op })
	if err != nil {
		return err
	}
	tellOperation(run, op, stderr)
	uses := slices.SortedStableFunc(slices.Values(op.Tests), func(a, b coverage.TestUse) int { return int(b.Requests - a.Requests) })
	rows := rowsOf(uses, func(use *coverage.TestUse) []any { return endpointRow(run, op, use, firsts) })
	return write(stdout, stderr, format, render.Table{Columns: endpointColumns(), Rows: rows}, "nothing asked for it")
}

func endpointRow(run *coverage.Run, op *coverage.Op, use *coverage.TestUse, firsts map[string]db.First) []any {
	row := append(operationValues(run, op), use.Test, conformanceOf(run, use.Test, use.Conformance))
	row = append(append(row, useValues(use)...), fromValues(use)...)
	if first, found := firsts[use.Test]; found {
		return append(row, first.ID, first.Start, first.Path)
	}
	return append(row, nil, nil, nil) // of a run that is being recorded: counted after the search
}

func conformanceOf(run *coverage.Run, test string, is bool) any {
	if test == "" || !run.TestsKnown() {
		return nil
	}
	return yesNo(is)
}

// findOperation finds the one that a pattern means, by its ID or else by its method and path.
func findOperation(run *coverage.Run, pattern string) (*coverage.Op, error) {
	byName := map[string]*coverage.Op{}
	var ids, paths []string
	for i := range run.Operations {
		op := &run.Operations[i]
		path := methodAndPath(&op.Operation)
		ids, paths = append(ids, op.ID), append(paths, path)
		byName[op.ID], byName[path] = op, op
	}
	if op := byName[strings.TrimRight(pattern, "/")]; op != nil {
		return op, nil
	}
	if len(db.MatchNames(pattern, ids)) > 0 {
		paths = nil
	}
	name, err := oneOf("operation", pattern, append(ids, paths...), `"report coverage --untested" and "report focus --operations" list them`)
	return byName[name], err
}

// methodAndPath is what an operation is called beside its ID. Some templates of Kubernetes end in a slash, others do not, which
// nobody remembers.
func methodAndPath(op *operation.Operation) string {
	return op.Method + " " + strings.TrimRight(op.Path, "/")
}

// tellOperation says what operation it is, and how many tests asked for it.
func tellOperation(run *coverage.Run, op *coverage.Op, stderr io.Writer) {
	said := []string{op.Level.String()}
	if op.Kind != "" {
		said = append(said, strings.TrimPrefix(op.Group+"/"+op.Version+" "+op.Kind, "/"))
	}
	if op.Deprecated {
		said = append(said, "deprecated")
	}
	switch {
	case !run.EligibilityKnown():
	case op.Eligible && op.Why != "":
		said = append(said, "eligible, "+op.Why)
	case op.Eligible:
		said = append(said, "eligible")
	default:
		said = append(said, "not eligible ("+op.Why+")")
	}
	tests := len(op.Tests)
	if op.Use("") != nil {
		tests--
	}
	fmt.Fprintf(stderr, "report: %s: %s %s (%s): requests: %d, tests: %d\n", op.ID, op.Method, op.Path, strings.Join(said, ", "), op.Requests, tests)
}

// completeOperations are the IDs of the run's operations.
func completeOperations(r *db.Reader, o *options) ([]string, error) {
	info, err := r.Run(o.run)
	if err != nil {
		return nil, err
	}
	document, err := r.Operations(info.ID)
	if err != nil || len(document) == 0 {
		return nil, err
	}
	operations, err := operation.Decode(document)
	var ids []string
	for _, op := range operations {
		ids = append(ids, op.ID)
	}
	return ids, err
}
