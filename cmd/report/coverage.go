package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/render"
)

const coverageLong = `coverage tells which operations of the API a run has asked for. An operation is one method of one
path in the OpenAPI documents of the run's API server, which "proxy run" and "proxy serve" record;
"report import-openapi" gives other runs theirs.

It groups operations by level and group, or by what --by lists, and counts for each group:

  level        stable, beta or alpha, as the version in the path tells
  group        of the object that is sent or answered, as the documents have it: "autoscaling" for
               deployments/scale; "" for the core group and what is no resource
  kind         likewise; "" where the documents name none
  verb         get, list, watch, create, update, patch, delete, deletecollection, connect (exec,
               proxy and their like); for what is no resource the method in small letters
  operations   all of them
  hit, hit_percent
               those that a request was for, whatever the answer, and also without one
  succeeded    those with an answer from 200 to 299, or 101, with which exec begins
  by_conformance
               those that a request of a conformance test was for
  eligible     those that a conformance test could be written for, by the rules of APISnoop:
               Kubernetes' own that are stable, not deprecated, and not listed as ineligible
  eligible_by_conformance, eligible_percent
               of these, those that a request of a conformance test was for

A watch of a list counts for the watch operation of the legacy path, which is the only one that the
documents have for it; where there is none, as for custom resources, it counts for the list.
stderr tells how many did, and what was asked for that has no operation.

What belongs to the conformance programme is told by Kubernetes' own lists: those of the server's
minor, or of the nearest older one, ship with report; --conformance-yaml, --ineligible and --pending
take others. stderr tells which are used. If neither the server's version nor a list is known, what
depends on it is null.

--only-conformance, --successful and --eligible choose what counts: requests of conformance tests,
requests that succeeded, operations that are eligible. They can be combined.

--untested lists the operations without a request that counts:

  operation    its operationId
  method, path, group, version, kind, verb, level
  deprecated   yes or no, as the legacy watch paths are
  eligible     yes or no
  why          it is not eligible, or "pending": it is, and may lack a test for now

--unresolved lists what was asked for that has no operation, by number of requests: method, verb,
group, version, resource, path (of what is no resource, "/*" for any), requests, succeeded, tests.

--tests lists the conformance tests of the lists:

  test         its name in the lists
  state        passed, failed, skipped, pending, interrupted, as the run's specs tell; ran: there
               are requests or a spec without an outcome; not seen
  requests     in the run
  testname, release, file
               in the lists: a title, when it was promoted or changed, where its code is

Exit codes: 0 done, 1 failure (also if the run's operations are not known), 2 wrong usage.`

const coverageExamples = `  report coverage
  report coverage --by group,kind --successful
  report coverage --untested --eligible --only-conformance -o csv
  report coverage --tests -o json | jq -r '.[] | select(.state == "failed") | .test'`

// coverageFlags are the flags of coverage.
type coverageFlags struct {
	by                          []string
	untested, unresolved, tests bool
	choice                      coverage.Choice
	lists                       listFiles
}

func newCoverage(o *options) *cobra.Command {
	var c coverageFlags
	cmd := &cobra.Command{
		Use: "coverage", Short: "Tell which operations of the API a run has asked for", Long: coverageLong, Example: coverageExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			format, err := o.format()
			if err == nil {
				err = c.check(cmd.Flags().Changed("by"))
			}
			if err != nil {
				return cli.UsageError(err)
			}
			r, err := o.open(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return errors.Join(o.coverage(r, &c, format, cmd.OutOrStdout(), cmd.ErrOrStderr()), r.Close())
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	f := cmd.Flags()
	f.StringSliceVar(&c.by, "by", []string{string(coverage.Level), string(coverage.Group)}, "group by: a list of "+coverageDimensions())
	f.BoolVar(&c.untested, "untested", false, "list the operations without a request that counts")
	f.BoolVar(&c.unresolved, "unresolved", false, "list what was asked for that has no operation")
	f.BoolVar(&c.tests, "tests", false, "list the conformance tests, and whether they ran")
	f.BoolVar(&c.choice.OnlyConformance, "only-conformance", false, "only requests of conformance tests count")
	f.BoolVar(&c.choice.Successful, "successful", false, "only requests that succeeded count")
	f.BoolVar(&c.choice.Eligible, "eligible", false, "only operations that a conformance test could be written for")
	c.lists.add(cmd)
	return cmd
}

func coverageDimensions() string {
	var names []string
	for _, d := range coverage.Dimensions() {
		names = append(names, string(d))
	}
	return strings.Join(names, ", ")
}

func (c *coverageFlags) check(byGiven bool) error {
	if count(c.untested, c.unresolved, c.tests, byGiven) > 1 {
		return errors.New("pass one of --by, --untested, --unresolved and --tests")
	}
	if (c.tests || c.unresolved) && c.choice != (coverage.Choice{}) {
		return errors.New("--only-conformance, --successful and --eligible choose operations: want them without --tests and --unresolved")
	}
	if len(c.by) == 0 {
		return fmt.Errorf("--by \"\": want a list of %s", coverageDimensions())
	}
	for _, name := range c.by {
		if !slices.Contains(coverage.Dimensions(), coverage.Dimension(name)) {
			return fmt.Errorf("--by %q: want a list of %s", name, coverageDimensions())
		}
	}
	return nil
}

// dimensions are what --by lists, each once.
func (c *coverageFlags) dimensions() (by []coverage.Dimension) {
	for _, name := range c.by {
		if d := coverage.Dimension(name); !slices.Contains(by, d) {
			by = append(by, d)
		}
	}
	return by
}

func (o *options) coverage(r *db.Reader, c *coverageFlags, format render.Format, stdout, stderr io.Writer) error {
	info, err := r.Run(o.run)
	if err != nil {
		return err
	}
	run, err := coverage.Load(r, info)
	if err != nil {
		return err
	}
	if err := c.lists.judge(run, stderr); err != nil {
		return err
	}
	if err := c.needs(run); err != nil {
		return err
	}
	switch {
	case c.tests:
		return o.coverageTests(r, run, format, stdout, stderr)
	case c.unresolved:
		return write(stdout, stderr, format, table(unresolvedColumns, unresolvedRows(run)), "every request has an operation")
	case c.untested:
		return write(stdout, stderr, format, table(untestedColumns, untestedRows(run, c.choice)), "every operation that counts was asked for")
	}
	tellRest(run, stderr)
	return write(stdout, stderr, format, coverageTable(run, c.dimensions(), c.choice), "no operations match")
}

// needs fails if a flag asks for what no list tells.
func (c *coverageFlags) needs(run *coverage.Run) error {
	switch {
	case (c.tests || c.choice.OnlyConformance) && !run.TestsKnown():
		return errors.New("which tests are conformance tests is not known\nhint: pass --conformance-yaml")
	case c.choice.Eligible && !run.EligibilityKnown():
		return errors.New("which operations are eligible is not known\nhint: pass --ineligible")
	}
	return nil
}

// tellRest says what of the run's requests the table does not show.
func tellRest(run *coverage.Run, stderr io.Writer) {
	var watches, requests int64
	for i := range run.Operations {
		watches += run.Operations[i].Watches
	}
	for i := range run.Unresolved {
		requests += run.Unresolved[i].Requests
	}
	if watches > 0 {
		fmt.Fprintf(stderr, "report: watches that count for lists, which have no watch operation: %d\n", watches)
	}
	if requests > 0 {
		fmt.Fprintf(stderr, "report: requests that have no operation: %d; \"report coverage --unresolved\" lists what they asked for\n", requests)
	}
}

func (o *options) coverageTests(r *db.Reader, run *coverage.Run, format render.Format, stdout, stderr io.Writer) error {
	_, specs, err := r.Known(run.Info.ID)
	if err != nil {
		return err
	}
	states := run.ConformanceTests(specs)
	tellStates(states, stderr)
	return write(stdout, stderr, format, table(testStateColumns, testStateRows(states)), "the lists have no tests")
}

// tellStates says how many tests there are, and how many of each state.
func tellStates(states []coverage.TestState, stderr io.Writer) {
	counts := map[coverage.State]int{}
	var order []coverage.State
	for _, s := range states {
		if counts[s.State] == 0 {
			order = append(order, s.State)
		}
		counts[s.State]++
	}
	slices.Sort(order)
	var words []string
	for _, state := range order {
		words = append(words, fmt.Sprintf("%d %s", counts[state], state))
	}
	fmt.Fprintf(stderr, "report: %d conformance tests: %s\n", len(states), strings.Join(words, ", "))
}
