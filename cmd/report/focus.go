package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/focus"
	"e2etap/internal/render"
)

const focusLong = `focus tells which tests ask for few operations of the API, and which operations few tests ask for: a
test that does both was probably written for its operation (kubernetes/kubernetes#85487). All that
was asked for counts, whatever the answer; requests without a test do not.

--tests lists the tests, unless another list is chosen: first those that ask alone for an operation,
those with the fewest operations before others.

  test         its name
  conformance  yes or no; null if the conformance lists are not known
  operations   that it asked for, but for noise
  alone        of these, those that no other test asked for
  noise        operations of noise that it asked for
  requests     for all of these operations
  alone_operations
               those of alone, with commas between

--operations lists the operations that tests asked for, those of the fewest tests first.

  operation, method, path, group, version, kind, level, deprecated, eligible
               as "report endpoint --help" says
  tests        that asked for it
  tests_percent
               of the tests that asked for any operation
  conformance_tests
               of tests; null if the conformance lists are not known
  phased       of tests, those of which is known when they were in their bodies
  outside      of phased, those that asked for it only outside of their bodies
  noise        yes or no
  only_test    the test, if there is but one

Noise is what the framework does for nearly every test, such as making and deleting its namespace.
It is not listed anywhere but found in the run: operations that at least --noise percent of the tests
ask for and, where it is known when they were in their bodies (from results: "report import-results"),
most of these tests only in set-up and clean-up or after their ends. stderr tells which they are. Runs
of fewer than 5 tests have no noise, nor has any run with --noise 0.

Exit codes: 0 done, 1 failure, 2 wrong usage.`

const focusExamples = `  report focus
  report focus --operations -o csv
  report focus --noise 90
  report focus -o json | jq -r '.[] | select(.conformance == "no" and .alone > 0) | .test'`

// focusFlags are the flags of focus.
type focusFlags struct {
	tests, operations bool
	noise             float64 // percent
	lists             listFiles
}

func newFocus(o *options) *cobra.Command {
	var f focusFlags
	cmd := &cobra.Command{
		Use: "focus", Short: "Tell which tests ask for few operations, and which operations few tests ask for", Long: focusLong,
		Example: focusExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return cli.UsageError(err)
			}
			return opened(cmd, o.format, o.open, func(r *db.Reader, format render.Format) error {
				return o.focus(r, &f, format, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	flags := cmd.Flags()
	flags.BoolVar(&f.tests, "tests", false, "list the tests (default)")
	flags.BoolVar(&f.operations, "operations", false, "list the operations that tests asked for")
	flags.Float64Var(&f.noise, "noise", 100*focus.DefaultShare, "noise is of this share of the tests at least, in percent; 0: there is none")
	f.lists.add(cmd)
	return cmd
}

func (f *focusFlags) check() error {
	if f.tests && f.operations {
		return errors.New("pass one of --tests and --operations")
	}
	if !(f.noise >= 0 && f.noise <= 100) {
		return fmt.Errorf("--noise %v: want percents, from 0 to 100", f.noise)
	}
	return nil
}

func (o *options) focus(r *db.Reader, f *focusFlags, format render.Format, stdout, stderr io.Writer) error {
	run, err := o.loadCoverage(r, &f.lists, stderr)
	if err != nil {
		return err
	}
	look, err := focus.Look(r, run, f.noise/100)
	if err != nil {
		return err
	}
	f.tellNoise(look, stderr)
	const empty = "no test asked for an operation"
	if f.operations {
		rows := rowsOf(look.Operations(), func(op *focus.Operation) []any { return focusOperationRow(run, look, op) })
		return write(stdout, stderr, format, render.Table{Columns: focusOperationColumns(), Rows: rows}, empty)
	}
	rows := rowsOf(look.Tests(), func(t *focus.Test) []any { return focusTestRow(run, t) })
	return write(stdout, stderr, format, render.Table{Columns: focusTestColumns, Rows: rows}, empty)
}

// tellNoise says which operations are taken for noise, and why.
func (f *focusFlags) tellNoise(look *focus.Run, stderr io.Writer) {
	noise := look.Noise()
	rule := fmt.Sprintf("asked for by %v %% of %d tests at least", f.noise, look.Count)
	switch {
	case f.noise == 0:
		return
	case look.Count < focus.MinTests:
		fmt.Fprintf(stderr, "report: nothing is taken for noise: of %d tests too little can be said\n", look.Count)
		return
	case look.HasPhase:
		rule += ", by most of them outside of their bodies only"
	default:
		rule += fmt.Sprintf("; nothing tells of phases in %s, so it may be what they test", look.Name)
	}
	if len(noise) == 0 {
		fmt.Fprintf(stderr, "report: nothing is taken for noise (%s)\n", rule)
		return
	}
	fmt.Fprintf(stderr, "report: taken for noise (%s):\n", rule)
	for _, op := range noise {
		fmt.Fprintf(stderr, "  %s: %d tests\n", op.ID, len(op.Tests))
	}
}

var focusTestColumns = []render.Column{
	{Name: "test", Title: "TEST"},
	{Name: "conformance", Title: "CONFORMANCE", Empty: "-", Extra: true},
	{Name: "operations", Title: "OPERATIONS", Kind: render.Count},
	{Name: "alone", Title: "ALONE", Kind: render.Count},
	{Name: "noise", Title: "NOISE", Kind: render.Count},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "alone_operations"},
}

func focusTestRow(run *coverage.Run, t *focus.Test) []any {
	return []any{
		t.Name, conformanceOf(run, t.Name, t.Conformance), int64(len(t.Operations)), int64(len(t.Alone)), int64(t.Noise), t.Requests,
		strings.Join(focus.IDs(t.Alone), ","),
	}
}

func focusOperationColumns() []render.Column {
	return append(operationColumns[:len(operationColumns):len(operationColumns)],
		render.Column{Name: "tests", Title: "TESTS", Kind: render.Count},
		render.Column{Name: "tests_percent", Title: "OF ALL", Kind: render.Percent},
		render.Column{Name: "conformance_tests", Kind: render.Count},
		render.Column{Name: "phased", Kind: render.Count},
		render.Column{Name: "outside", Kind: render.Count},
		render.Column{Name: "noise", Title: "NOISE"},
		render.Column{Name: "only_test", Title: "ONLY TEST", Empty: "-"},
	)
}

func focusOperationRow(run *coverage.Run, look *focus.Run, op *focus.Operation) []any {
	only := ""
	if len(op.Tests) == 1 {
		only = op.Tests[0]
	}
	tests := int64(len(op.Tests))
	return append(operationValues(run, op.Op), tests, percentOf(tests, int64(look.Count)), knownIf(run.TestsKnown(), int64(op.Conformance)),
		int64(op.Phased), int64(op.Outside), yesNo(op.Noise), only)
}
