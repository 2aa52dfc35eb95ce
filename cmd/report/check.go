package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"e2etap/internal/budget"
	"e2etap/internal/cli"
	"e2etap/internal/db"
	"e2etap/internal/render"
)

// checkFlags are those of check alone.
type checkFlags struct {
	budget, junit string
	strict, init  bool
}

func newCheck(o *options) *cobra.Command {
	var c checkFlags
	cmd := &cobra.Command{
		Use: "check", Short: "Hold a run against a budget of requests, errors, bytes and times", Long: checkLong, Example: checkExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			format, err := o.format()
			if err == nil {
				err = c.valid()
			}
			if err != nil {
				return cli.UsageError(err)
			}
			return o.check(c, format, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	f := cmd.Flags()
	f.StringVar(&c.budget, "budget", "", "the file of limits, in YAML")
	f.StringVar(&c.junit, "junit", "", "write JUnit XML to this file, too: a test case for each limit and subject")
	f.BoolVar(&c.strict, "strict", false, "a limit whose test, client or user agent matches nothing is a failure, not a warning")
	f.BoolVar(&c.init, "init", false, "write a starting budget to stdout: the run's figures and 20 % more")
	return cmd
}

func (c *checkFlags) valid() error {
	switch {
	case c.init && (c.budget != "" || c.junit != "" || c.strict):
		return errors.New("--init cannot be combined with --budget, --junit and --strict: it writes a budget and checks none")
	case !c.init && c.budget == "":
		return errors.New("pass --budget FILE, or --init to write one")
	}
	return nil
}

func (o *options) check(c checkFlags, format render.Format, stdout, stderr io.Writer) error {
	var b *budget.Budget
	if !c.init {
		var err error
		if b, err = readBudget(c.budget); err != nil {
			return err
		}
	}
	r, run, err := o.runOf(o.db, o.run, stderr)
	if err != nil {
		return err
	}
	if c.init {
		return errors.Join(budget.Start(stdout, r, run), r.Close())
	}
	result, err := budget.Check(r, run, b)
	if err = errors.Join(err, r.Close()); err != nil {
		return err
	}
	if c.junit != "" {
		if err := writeJUnit(c.junit, run, result, c.strict); err != nil {
			return err
		}
	}
	var rows [][]any
	for i := range result.Findings {
		rows = append(rows, checkRows(run.Name, &result.Findings[i])...)
	}
	if err := write(stdout, stderr, format, table(checkColumns, rows), fmt.Sprintf("%s keeps to %s", run.Name, c.budget)); err != nil {
		return err
	}
	for _, l := range result.Unmatched {
		fmt.Fprintf(stderr, "report: limit %q: %s\n", l.Name, l.Matches())
	}
	return c.verdict(run.Name, result)
}

func readBudget(path string) (*budget.Budget, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read budget: %w\nhint: \"report check --init\" writes one", err)
	}
	b, err := budget.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("budget %s: %w", path, err)
	}
	return b, nil
}

func writeJUnit(path string, run db.RunInfo, result *budget.Result, strict bool) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	if err := errors.Join(budget.WriteJUnit(f, run, result, strict), f.Close()); err != nil {
		return fmt.Errorf("write JUnit to %s: %w", path, err)
	}
	return nil
}

// verdict is an error if the run does not keep to the budget.
func (c *checkFlags) verdict(run string, result *budget.Result) error {
	violations, unmatched := result.Violations(), len(result.Unmatched)
	switch {
	case violations > 0:
		return fmt.Errorf("%s does not keep to %s: violations %d\nhint: \"report --list -o json\" has each request by its id", run, c.budget, violations)
	case c.strict && unmatched > 0:
		return fmt.Errorf("%s: limits that match nothing in %s: %d", c.budget, run, unmatched)
	}
	return nil
}

var checkColumns = []render.Column{
	{Name: "run"},
	{Name: "limit", Title: "LIMIT"},
	{Name: "of", Title: "OF"},
	{Name: "name"},
	{Title: "NAME"},
	{Name: "what", Title: "WHAT"},
	{Name: "measured", Kind: render.Count},
	{Name: "allowed", Kind: render.Count},
	{Title: "MEASURED"},
	{Title: "ALLOWED"},
	{Name: "request", Title: "REQUEST", Kind: render.Count},
}

// checkRows has a row for each violation.
func checkRows(run string, f *budget.Finding) (rows [][]any) {
	for _, m := range f.Over() {
		rows = append(rows, []any{
			run, f.Limit.Name, f.Subject.Kind, f.Subject.Name, f.Subject.String(), string(m.Metric), amount(m.Metric, m.Measured),
			amount(m.Metric, m.Allowed), m.Metric.Format(m.Measured), m.Metric.Format(m.Allowed), known(m.Request),
		})
	}
	return rows
}

// amount is a number as JSON and CSV have it.
func amount(m budget.Metric, n int64) any {
	if m.IsTime() {
		return time.Duration(n)
	}
	return n
}
