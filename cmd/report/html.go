package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/web"
)

const htmlLong = `html writes a run as one HTML file that opens in any browser, from disk and without a network: what
the run was, its tests with their requests, endpoints and namespaces, the run's time with a lane for
each of ginkgo's processes, which operations of the API were hit, what has no test, and why, and what only
an imported audit log has.

The numbers are those of "report --by-test" and "report coverage". The file has no secrets, as the
recording has none, but names of tests and endpoints, and in runs of up to 50,000 requests of objects.
In longer runs times are good to 0.1 ms and durations of single requests to 4.5 %.

A file of that name is replaced when the new one is complete.

` + againstLong

const htmlExamples = `  report html --out run.html
  report html --out pr-123.html --run pr-123 --db e2e.db
  report html --out pr-123.html --run pr-123 --against main.db:nightly`

func newHTML(o *options) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use: "html --out FILE", Short: "Write a run as one HTML file", Long: htmlLong, Example: htmlExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ask := func() (string, error) {
				if out == "" {
					return "", errors.New("--out: want the name of the file to write")
				}
				return out, nil
			}
			return opened(cmd, ask, o.open, func(r *db.Reader, out string) error { return o.html(cmd, r, out) })
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	o.addAgainst(cmd)
	cmd.Flags().StringVar(&out, "out", "", "the file to write")
	return cmd
}

func (o *options) html(cmd *cobra.Command, r *db.Reader, out string) error {
	run, err := r.Run(o.run)
	if err != nil {
		return err
	}
	diff, err := o.diffAgainst(r, run, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	size, err := writeWhole(out, func(f *os.File) error {
		p := newProgress(cmd.ErrOrStderr(), "writing "+out, run.Requests)
		defer p.end()
		return web.Write(f, r, run, diff, p.tick)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d requests of %d tests in %s\n", run.Name, out, run.Requests, run.Tests, render.HumanBytes(size))
	return nil
}

// writeWhole writes a file beside its name and renames it, so that the name never has half of it, and returns its size. The file is the
// user's alone, as the recording is.
func writeWhole(name string, write func(*os.File) error) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return 0, err
	}
	err = write(f)
	if info, statErr := f.Stat(); statErr == nil {
		size = info.Size()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(f.Name()))
	}
	return size, nil
}
