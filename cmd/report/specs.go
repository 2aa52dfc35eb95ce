package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

const specsLong = `specs lists the specs of a run in the order they started, as the command's output, files of results
or marks told of them: executions of tests, and nodes of the whole suite such as BeforeSuite.

  test         its name; "" for a node of the whole suite
  node         of the whole suite; "" for a test
  outcome      passed, failed, skipped, pending, interrupted; "" if it is not known
  duration_ms  in milliseconds; null if it is not known, as in the next two
  attempts     1, unless it was tried again
  requests     of the test in the run, of all of its specs together; null for a node
  worker       ginkgo's process or go test's package, if there are several
  labels       with commas between
  location     in the source
  run, id, start, end, told
               in JSON and CSV; told is output, results or mark

--test means the test of exactly that name, or those that match, as "report --help" says;
--test "" means the nodes of the whole suite.`

const specsExamples = `  report specs
  report specs --test '*Conformance*' -o csv
  report specs -o json | jq -r '.[] | select(.outcome == "failed") | .test'`

func newSpecs(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "specs", Short: "List the specs of a run", Long: specsLong, Example: specsExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opened(cmd, o.format, o.open, func(r *db.Reader, format render.Format) error {
				return o.specs(r, cmd.Flags().Changed("test"), format, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	o.addRun(cmd, "the run: its name, latest, or all")
	o.addTest(cmd, `only this test, or those that match (see above); "" for nodes of the whole suite`)
	return cmd
}

var specColumns = []render.Column{
	{Name: "run"},
	{Name: "id", Kind: render.Count},
	{Name: "test"},
	{Name: "node"},
	{Title: "TEST"},
	{Name: "outcome", Title: "OUTCOME", Empty: "-"},
	{Name: "start"},
	{Name: "end"},
	{Name: "duration_ms", Title: "DURATION", Kind: render.Duration},
	{Name: "attempts", Title: "ATTEMPTS", Kind: render.Count},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "worker", Title: "WORKER", Empty: "-"},
	{Name: "labels", Title: "LABELS", Empty: "-"},
	{Name: "location", Title: "LOCATION", Empty: "-"},
	{Name: "told"},
}

func (o *options) specs(r *db.Reader, testGiven bool, format render.Format, stdout, stderr io.Writer) error {
	runs, err := o.chosenRuns(r)
	if err != nil {
		return err
	}
	var rows [][]any
	for i := range runs {
		more, err := o.specRows(r, &runs[i], testGiven)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	if testGiven && len(rows) == 0 && o.test != "" {
		return fmt.Errorf("no spec is named, matches or contains %q\nhint: see the names with \"report specs\"", o.test)
	}
	return write(stdout, stderr, format, table(specColumns, rows), "nothing told of specs")
}

func (o *options) specRows(r *db.Reader, run *db.RunInfo, testGiven bool) ([][]any, error) {
	_, specs, err := r.Known(run.ID)
	if err != nil {
		return nil, err
	}
	requests, err := requestsByTest(r, run.ID)
	if err != nil {
		return nil, err
	}
	if testGiven {
		specs = o.chosenSpecs(specs)
	}
	slices.SortStableFunc(specs, byStart)
	var rows [][]any
	for _, s := range specs {
		rows = append(rows, specRow(run.Name, s, requests[s.Test]))
	}
	return rows, nil
}

func requestsByTest(r *db.Reader, run int64) (map[string]int64, error) {
	groups, _, err := r.Summarize([]db.Dimension{db.Test}, db.Filter{Runs: []int64{run}})
	counts := map[string]int64{}
	for i := range groups {
		counts[groups[i].Keys[0]] = groups[i].Requests
	}
	return counts, err
}

// chosenSpecs returns those that --test means.
func (o *options) chosenSpecs(specs []*traffic.Spec) []*traffic.Spec {
	var names []string
	for _, s := range specs {
		names = append(names, s.Test)
	}
	chosen := []string{""}
	if o.test != "" && o.test != noTest {
		chosen = db.MatchNames(o.test, names)
	}
	return slices.DeleteFunc(specs, func(s *traffic.Spec) bool {
		_, found := slices.BinarySearch(chosen, s.Test)
		return !found
	})
}

// byStart orders specs by their start; those without one are last.
func byStart(a, b *traffic.Spec) int {
	if a.Start.IsZero() != b.Start.IsZero() {
		return b.Start.Compare(a.Start)
	}
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
}

func specRow(run string, s *traffic.Spec, requests int64) []any {
	name, count := s.Test, any(requests)
	if s.Test == "" {
		name, count = "("+s.Node+")", nil
	}
	return []any{
		run, s.ID, s.Test, s.Node, name, s.Outcome.String(), timeText(s.Start), timeText(s.End), durationOf(s),
		known(int64(s.Attempts)), count, s.Worker, strings.Join(s.Labels, ","), s.Location, s.Told.String(),
	}
}

func timeText(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Format(time.RFC3339Nano)
}

// durationOf is what is told, else the time between start and end.
func durationOf(s *traffic.Spec) any {
	switch {
	case s.Duration > 0:
		return s.Duration
	case s.Start.IsZero() || s.End.IsZero():
		return nil
	}
	return s.End.Sub(s.Start)
}
