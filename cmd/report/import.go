package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/replay"
	"e2etap/internal/traffic"
)

const importLong = `import-results adds to a run what files of results tell of its specs, and finds the tests of its
requests again. "proxy run" does it by itself for the files that the command line names.

A file may be a JSON report of ginkgo 2, JUnit's XML, the output of go test -json, TAP, or the
captured output of a test program; - is standard input. Specs with times take the place of what
the output told of the same tests; specs without times complete it. Importing a file twice adds
nothing. A file that cannot be read, or whose specs are not of the run, changes nothing; the
others are imported, and the exit code is 1.

For each file it tells:

  specs        executions of tests that are in the recording now
  passed, failed, skipped, pending, interrupted, unknown
               of these, by outcome
  nodes        nodes of the whole suite (BeforeSuite, ...) that are in the recording now
  outside      specs that ran before or after the run and were left out
  same_name    specs that share their name with another one of the file`

const importExamples = `  report import-results e2e-report.json
  report import-results --run run-3 artifacts/junit_*.xml
  go test -json ./... | tee >(report import-results -)`

func newImport(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "import-results FILE...", Short: "Add results of specs to a run", Long: importLong, Example: importExamples, Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			return opened(cmd, o.format, o.edit, func(e *db.Editor, format render.Format) error {
				run, err := e.Run(o.run)
				if err != nil {
					return err
				}
				return o.importAll(cmd, e, run, files, format)
			})
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	return cmd
}

var importColumns = []render.Column{
	{Name: "file", Title: "FILE"},
	{Name: "specs", Title: "SPECS", Kind: render.Count},
	{Name: "passed", Title: "PASSED", Kind: render.Count},
	{Name: "failed", Title: "FAILED", Kind: render.Count},
	{Name: "skipped", Title: "SKIPPED", Kind: render.Count},
	{Name: "pending", Title: "PENDING", Kind: render.Count},
	{Name: "interrupted", Title: "INTERRUPTED", Kind: render.Count},
	{Name: "unknown", Title: "UNKNOWN", Kind: render.Count},
	{Name: "nodes", Title: "NODES", Kind: render.Count},
	{Name: "outside", Title: "OUTSIDE", Kind: render.Count},
	{Name: "same_name", Title: "SAME NAME", Kind: render.Count},
}

// importAll imports what files can be imported, and then finds the requests' tests again.
func (o *options) importAll(cmd *cobra.Command, e *db.Editor, run db.RunInfo, files []string, format render.Format) error {
	var rows [][]any
	var failed []error
	for _, file := range files {
		i, err := importFile(e, run, file, cmd.InOrStdin())
		if err != nil {
			failed = append(failed, err)
			continue
		}
		rows = append(rows, importRow(file, &i))
	}
	var err error
	if len(rows) > 0 {
		err = errors.Join(o.retagImported(cmd, e, &run),
			write(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, table(importColumns, rows), ""))
	}
	if len(failed) > 0 {
		failed = append(failed, fmt.Errorf("%d of %d files are imported into %s", len(rows), len(files), run.Name))
	}
	return errors.Join(append(failed, err)...)
}

func importFile(e *db.Editor, run db.RunInfo, file string, stdin io.Reader) (replay.Imported, error) {
	specs, err := replay.ReadFile(file, stdin)
	if err != nil {
		return replay.Imported{}, err
	}
	return replay.Import(e, run, file, specs)
}

func importRow(file string, i *replay.Imported) []any {
	n := func(o traffic.SpecOutcome) int64 { return int64(i.Outcomes[o]) }
	return []any{
		file, int64(i.Specs - i.Nodes), n(traffic.SpecPassed), n(traffic.SpecFailed), n(traffic.SpecSkipped), n(traffic.SpecPending),
		n(traffic.SpecInterrupted), n(traffic.SpecUnknown), int64(i.Nodes), int64(i.Outside), int64(i.SameName),
	}
}

func (o *options) retagImported(cmd *cobra.Command, e *db.Editor, run *db.RunInfo) error {
	c, err := o.retagRun(e, run, cmd.ErrOrStderr())
	if err == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "report: %d of %d requests of %s have another test now\n", c.OtherTest, c.Requests, run.Name)
	}
	return err
}
