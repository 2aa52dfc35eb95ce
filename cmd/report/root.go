package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

// run is the command, for main and for tests. What it writes is written in transactions, so a signal may end the process at
// any time.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return cli.Execute(ctx, newRoot(), args, stdin, stdout, stderr)
}

// options are the flags of report.
type options struct {
	db, run, output string

	by                     []string
	byTest, untagged, list bool

	test, verb, resource, namespace, status, source, since, include string

	pattern, wrong, against, cell string // of retag, evaluate and cross-check
}

func newRoot() *cobra.Command {
	var o options
	root := &cobra.Command{
		Use:     "report",
		Short:   "Tell which test sent which API requests, from a recording of proxy",
		Long:    long,
		Example: examples,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.report(cmd)
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&o.db, "db", "e2e.db", "the recording")
	f.StringVarP(&o.output, "output", "o", "table", strings.Join(formatNames(), ", "))
	o.addRun(root, "the run: its name, latest, or all")
	f = root.Flags()
	f.StringSliceVar(&o.by, "by", nil, "group by: a list of "+dimensionNames())
	f.BoolVar(&o.byTest, "by-test", false, "group by test: short for --by test")
	f.BoolVar(&o.untagged, "untagged", false, "group the requests without a test: short for --by client,command,why --test \"\"")
	f.BoolVar(&o.list, "list", false, "list the requests, in the order they started")
	o.addTest(root, "only this test, or those that match (see above); \"\" for requests without one")
	f.StringVar(&o.verb, "verb", "", "only this Kubernetes verb, such as watch")
	f.StringVar(&o.resource, "resource", "", "only this resource, such as pods or pods/exec")
	f.StringVar(&o.namespace, "namespace", "", "only this namespace")
	f.StringVar(&o.status, "status", "", "only this status, such as 404 or 4xx; 0 for requests without an answer")
	f.StringVar(&o.source, "source", "", "only requests whose test this source named: "+strings.Join(traffic.SourceNames(), ", "))
	f.StringVar(&o.include, "include", "", "\"audit\": also what only the audit log has of the run's time, by role")
	f.StringVar(&o.since, "since", "", "only requests that started at this time (RFC 3339) or later, or this long ago (10m)")
	addGroup(root, "ask", "Questions about a run:", newRuns(&o), newSpecs(&o), newSummary(&o), newTest(&o), newEvaluate(&o))
	addGroup(root, "see", "In the browser:", newHTML(&o), newServe(&o))
	addGroup(root, "operations", "Operations of the API:", newCoverage(&o), newEndpoint(&o), newFocus(&o), newExport(&o), newRBAC(&o))
	addGroup(root, "ci", "For CI:", newDiff(&o), newCheck(&o), newCrossCheck(&o))
	addGroup(root, "change", "Adding to a recording:",
		newImport(&o), newImportAudit(&o), newImportOpenAPI(&o), newCorrelate(&o), newRetag(&o))
	o.complete(root)
	return root
}

// addGroup adds commands that help shows together.
func addGroup(root *cobra.Command, id, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: id, Title: title})
	for _, cmd := range commands {
		cmd.GroupID = id
		root.AddCommand(cmd)
	}
}

func (o *options) addRun(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&o.run, "run", db.LatestRun, usage)
}

func (o *options) addTest(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&o.test, "test", "", usage)
}

func (o *options) addPattern(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.pattern, "user-agent-pattern", "",
		"finds the test's name in User-Agents: a regular expression (RE2) with one group (default: the run's own)")
}

func dimensionNames() string {
	var names []string
	for _, d := range db.Dimensions() {
		names = append(names, string(d))
	}
	return strings.Join(names, ", ")
}

func (o *options) report(cmd *cobra.Command) error {
	ask := func() (question, error) { return o.question(cmd.Flags().Changed("test")) }
	return opened(cmd, ask, o.open, func(r *db.Reader, q question) error {
		return q.answer(r, cmd.OutOrStdout(), cmd.ErrOrStderr())
	})
}

// open opens the recording, and tells if it had to be completed.
func (o *options) open(stderr io.Writer) (*db.Reader, error) {
	r, err := db.OpenReader(o.db)
	if err != nil {
		return nil, err
	}
	o.tell(r.Recovery(), stderr)
	return r, nil
}

// edit opens the recording to change it.
func (o *options) edit(stderr io.Writer) (*db.Editor, error) {
	e, err := db.OpenEditor(o.db)
	if err != nil {
		return nil, err
	}
	o.tell(e.Recovery(), stderr)
	return e, nil
}

func (o *options) tell(rec db.Recovery, stderr io.Writer) {
	if rec.Records > 0 {
		fmt.Fprintf(stderr, "report: the proxy was killed; %d records that it had left in %s-pending are in %s now\n",
			rec.Records, o.db, o.db)
	}
	if rec.Err != nil {
		fmt.Fprintf(stderr, "report: %d bytes of records are still in %s-pending and are not counted: %v\n",
			rec.Pending, o.db, rec.Err)
	}
}

func (o *options) format() (render.Format, error) {
	for _, f := range render.Formats() {
		if string(f) == o.output {
			return f, nil
		}
	}
	return "", fmt.Errorf("--output %q: want one of %s", o.output, strings.Join(formatNames(), ", "))
}

func formatNames() []string {
	var names []string
	for _, f := range render.Formats() {
		names = append(names, string(f))
	}
	return names
}
