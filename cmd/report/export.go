package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/export"
)

const exportLong = `export writes what is known of a run in the form of another program.

  apisnoop     the coverage of operations, as a file of APISnoop's resources/coverage has it
               (github.com/kubernetes-sigs/apisnoop), for its site and scripts. It has Kubernetes'
               own operations that are not deprecated; custom resources are not in it. Its release is
               the minor of the run's API server, "1.37.0", unless --release names another.
  e2e-audit-correlate
               requests of each spec by verb and path, as the output.json of APISnoop's first program
               for tests has them
  e2e-audit-correlate-text
               the same as its output.txt

What apisnoop calls tested is what a test asked for, whatever the answer was, as in APISnoop's own
files; with --successful a 404, for instance, does not make an operation tested. Other than in those
files, "tested" takes a test whose name is known, whoever sent the request for it; conformance tests
are found by the lists even if tags stand elsewhere in their names; null among the tests of an operation
means requests of the run without a test, or no request at all; sources has the run's name, and
release_date the time it began. What e2etap does not know is null: spec, description, and how many of
the operations are new.

In e2e-audit-correlate a request is of the spec that it is attributed to, not of the one that began
last anywhere; lines are the test's name and, if it is known, its place in the source. Requests
without a test are left out: stderr tells how many.

Exit codes: 0 done, 1 failure, 2 wrong usage.`

const exportExamples = `  report export --format apisnoop --out 1.37.0.json
  report export --format apisnoop --successful --run pr-123 | jq '."tested endpoints"'
  report export --format e2e-audit-correlate --out output.json`

// The formats of export.
const (
	formatAPISnoop      = "apisnoop"
	formatCorrelate     = "e2e-audit-correlate"
	formatCorrelateText = "e2e-audit-correlate-text"
)

func exportFormats() []string {
	return []string{formatAPISnoop, formatCorrelate, formatCorrelateText}
}

// exportFlags are the flags of export.
type exportFlags struct {
	format, out, release string
	successful           bool
	lists                listFiles
}

func newExport(o *options) *cobra.Command {
	var x exportFlags
	cmd := &cobra.Command{
		Use: "export --format FORMAT", Short: "Write a run's coverage for APISnoop and other programs", Long: exportLong, Example: exportExamples,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ask := func() (*exportFlags, error) { return &x, x.check() }
			return opened(cmd, ask, o.open, func(r *db.Reader, x *exportFlags) error {
				return o.export(r, x, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	f := cmd.Flags()
	f.StringVar(&x.format, "format", "", strings.Join(exportFormats(), ", "))
	f.StringVar(&x.out, "out", "-", "the file to write; - is the standard output")
	f.StringVar(&x.release, "release", "", "apisnoop: the release of Kubernetes, such as 1.37.0 (default: the server's minor)")
	f.BoolVar(&x.successful, "successful", false, "apisnoop: only requests that succeeded count")
	x.lists.add(cmd)
	return cmd
}

func (x *exportFlags) check() error {
	switch {
	case !slices.Contains(exportFormats(), x.format):
		return fmt.Errorf("--format %q: want one of %s", x.format, strings.Join(exportFormats(), ", "))
	case x.format != formatAPISnoop && (x.successful || x.release != ""):
		return fmt.Errorf("--successful and --release: want them with --format %s only", formatAPISnoop)
	case x.out == "":
		return errors.New(`--out "": want a file, or - for the standard output`)
	}
	if x.release != "" {
		if _, err := export.Release(x.release); err != nil {
			return fmt.Errorf("--release: %w", err)
		}
	}
	return nil
}

// export makes all of it before it writes, so that an error leaves the file as it was.
func (o *options) export(r *db.Reader, x *exportFlags, stdout, stderr io.Writer) error {
	var b bytes.Buffer
	render := o.exportEntries
	if x.format == formatAPISnoop {
		render = o.exportAPISnoop
	}
	if err := render(r, x, &b, stderr); err != nil {
		return err
	}
	if x.out == "-" {
		_, err := stdout.Write(b.Bytes())
		return err
	}
	if err := os.WriteFile(x.out, b.Bytes(), 0o666); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

func (o *options) exportAPISnoop(r *db.Reader, x *exportFlags, to, stderr io.Writer) error {
	run, err := o.loadCoverage(r, &x.lists, stderr)
	if err != nil {
		return err
	}
	release := x.release
	if release == "" {
		if release, err = releaseOf(run); err != nil {
			return err
		}
	}
	return export.WriteJSON(to, export.NewAPISnoop(run, release, x.successful))
}

func releaseOf(run *coverage.Run) (string, error) {
	release, err := export.Release(run.Info.ServerVersion)
	if err != nil {
		return "", fmt.Errorf("run %s: its API server has %w\nhint: pass --release", run.Info.Name, err)
	}
	return release, nil
}

func (o *options) exportEntries(r *db.Reader, x *exportFlags, to, stderr io.Writer) error {
	info, err := r.Run(o.run)
	if err != nil {
		return err
	}
	entries, untested, err := export.NewEntries(r, info)
	if err != nil {
		return err
	}
	if untested > 0 {
		fmt.Fprintf(stderr, "report: left out, requests without a test: %d\n", untested)
	}
	if x.format == formatCorrelateText {
		return export.WriteText(to, entries)
	}
	return export.WriteJSON(to, entries)
}
