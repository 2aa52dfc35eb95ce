package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
	"e2etap/internal/render"
	"e2etap/internal/rundiff"
)

const diffLong = `diff says what changed from run A to run B. A and B are names of runs in --db (latest is one, too),
or FILE for the latest run of another recording, or FILE:RUN for one of its runs. A name that is a
run's and a file's means the run; write ./FILE for the file.

  kind            operation gained, operation lost: in the run as a whole. An operation is verb,
                  group, version, resource, subresource, and whether in a namespace
                  test gained, test lost: it sends requests in one run only
                  client gained, client lost: of requests without a test, by the program that
                  the User-Agent names
                  test operation gained, test operation lost: of a test, or a client without test,
                  that both runs have
                  requests up, requests down: by more than --threshold, and by --at-least;
                  without watches and discovery
                  watches up, watches down: likewise
                  conflicts up, conflicts down: likewise, of answers 409 to update and patch, by four
                  times --at-least
                  discovery up, discovery down: likewise, of the run as a whole
                  error gained, error lost: a status from 400 to 599 that the operation had in
                  one run only
  test            "" for the run as a whole, and for requests without a test
  client          of requests without a test; else ""
  operation       "list apps/v1 deployments (namespaced)"; "" if it is not about a single one
  operation_id    "listAppsV1NamespacedDeployment", if the runs have their API servers' operations (see
                  "report coverage") and no two are called so; tables show it in its place
  status          of an error; else null
  before, after   requests in A and in B
  change          the difference
  change_percent  in percent of before; null if that is 0. In JSON and CSV

What varies between two runs of the same code is not said: names of objects and namespaces, and what
is generated of names of custom resources (a * in operations: "list example.com/v1 foo*s"); who
asks for discovery (/api, /apis, /openapi, /version and all else that is no resource), which is
whoever comes first, while others have it from a cache; how often an error came that both runs
have; conflicts, after which clients try again, and the requests of those tries; and what
--threshold and --at-least leave out: repeats of polling loops, and watches that were opened again.
For one more or less pass --threshold 0% --at-least 1. Of a test that one run does not have, only
that is said.

Exit codes: 0 no differences, 1 differences (the last line on stderr counts them by kind) or failure,
2 wrong usage.`

const diffExamples = `  report diff run-1 run-2
  report diff main.db pr-123.db
  report diff main.db:nightly latest --threshold 50% --at-least 20
  report diff run-1 run-2 -o json | jq -r '.[] | select(.kind == "operation lost") | .operation'`

func newDiff(o *options) *cobra.Command {
	limits := rundiff.Usual()
	var threshold string
	cmd := &cobra.Command{
		Use: "diff A B", Short: "Tell what changed between two runs", Long: diffLong, Example: diffExamples, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			format, err := o.format()
			if err == nil {
				limits.Threshold, err = parsePercent(threshold)
			}
			if err == nil && limits.AtLeast < 1 {
				err = fmt.Errorf("--at-least %d: want 1 or more", limits.AtLeast)
			}
			if err != nil {
				return cli.UsageError(err)
			}
			return o.diff(args[0], args[1], limits, format, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
		ValidArgsFunction: o.completeDiff,
	}
	cmd.Flags().StringVar(&threshold, "threshold", fmt.Sprintf("%.0f%%", limits.Threshold*100), "a number of requests has changed if it did so by more than this share …")
	cmd.Flags().Int64Var(&limits.AtLeast, "at-least", limits.AtLeast, "… and by this number, at least")
	return cmd
}

// parsePercent reads "20%" as 0.2.
func parsePercent(s string) (float64, error) {
	number, ok := strings.CutSuffix(s, "%")
	percent, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !ok || err != nil || !(percent >= 0) {
		return 0, fmt.Errorf("--threshold %q: want a percentage, such as 20%%", s)
	}
	return percent / 100, nil
}

func (o *options) diff(before, after string, limits rundiff.Options, format render.Format, stdout, stderr io.Writer) error {
	ids := rundiff.OperationIDs{}
	a, err := o.readSide(before, ids, stderr)
	if err != nil {
		return err
	}
	b, err := o.readSide(after, ids, stderr)
	if err != nil {
		return err
	}
	changes := rundiff.Compare(a, b, limits)
	var rows [][]any
	for i := range changes {
		rows = append(rows, diffRow(&changes[i], ids))
	}
	err = write(stdout, stderr, format, table(diffColumns, rows), fmt.Sprintf("no differences between %s and %s", before, after))
	return errors.Join(err, differ(before, after, changes))
}

// readSide sums up the run that an argument of diff names, and learns the IDs of its operations.
func (o *options) readSide(name string, ids rundiff.OperationIDs, stderr io.Writer) (*rundiff.Side, error) {
	r, run, err := o.openRun(name, stderr)
	if err != nil {
		return nil, err
	}
	s, err := rundiff.Read(r, run, ids)
	return s, errors.Join(err, r.Close())
}

var diffColumns = []render.Column{
	{Name: "kind", Title: "KIND"},
	{Name: "test"},
	{Name: "client"},
	{Title: "TEST OR CLIENT", Empty: "-"},
	{Name: "operation"},
	{Name: "operation_id"},
	{Title: "OPERATION", Empty: "-"},
	{Name: "status", Title: "STATUS", Kind: render.Count},
	{Name: "before", Title: "BEFORE", Kind: render.Count},
	{Name: "after", Title: "AFTER", Kind: render.Count},
	{Name: "change", Kind: render.Count},
	{Name: "change_percent", Kind: render.Percent},
	{Title: "CHANGE"},
}

func diffRow(c *rundiff.Change, ids rundiff.OperationIDs) []any {
	who := c.Subject.Test
	if c.Subject.Client != "" {
		who = noTest + " " + c.Subject.Client
	}
	change := c.After - c.Before
	var percent any
	text := fmt.Sprintf("%+d", change)
	if c.Before > 0 {
		p := float64(change) / float64(c.Before) * 100
		percent = math.Round(p*100) / 100
		text += fmt.Sprintf(" (%+.0f %%)", p)
	}
	return []any{
		string(c.Kind), c.Subject.Test, c.Subject.Client, who, c.Operation, ids[c.Operation], cmp.Or(ids[c.Operation], c.Operation), known(c.Status), c.Before, c.After, change, percent, text,
	}
}

// differ is an error if there are changes.
func differ(before, after string, changes []rundiff.Change) error {
	counts := map[rundiff.Kind]int{}
	for _, c := range changes {
		counts[c.Kind]++
	}
	var words []string
	for _, kind := range rundiff.Kinds() {
		if n := counts[kind]; n > 0 {
			words = append(words, fmt.Sprintf("%s %d", kind, n))
		}
	}
	if words == nil {
		return nil
	}
	return fmt.Errorf("%s and %s differ: %s", before, after, strings.Join(words, ", "))
}
