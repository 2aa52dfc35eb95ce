package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/rundiff"
	"e2etap/internal/view"
)

const againstLong = `--against compares with another run, as "report diff" does: the name of one in --db (latest is one, too),
or FILE for the latest run of another recording, or FILE:RUN. A name that is a run's and a file's means
the run; write ./FILE for the file.`

func (o *options) addAgainst(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.against, "against", "", "compare with this run: a run's name, FILE, or FILE:RUN")
}

// against is the run that --against names.
type against struct {
	run   string
	file  string // has it
	label string // "" if it is a run of --db
}

// findAgainst finds the run of --against, which must be given, and opens its recording.
func (o *options) findAgainst(stderr io.Writer) (*db.Reader, db.RunInfo, against, error) {
	r, run, file, err := o.findRun(o.against, stderr)
	if err != nil {
		return nil, run, against{}, fmt.Errorf("--against: %w", err)
	}
	found := against{run: run.Name, file: file}
	if !sameFile(file, o.db) {
		found.label = o.against
	}
	return r, run, found, nil
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// diffAgainst compares a run with the one of --against; nil without that.
func (o *options) diffAgainst(r *db.Reader, run db.RunInfo, stderr io.Writer) (*view.Diff, error) {
	if o.against == "" {
		return nil, nil
	}
	other, before, found, err := o.findAgainst(stderr)
	if err != nil {
		return nil, err
	}
	d, err := view.LoadDiff(other, before, r, run, rundiff.Usual())
	if err = errors.Join(err, other.Close()); err != nil {
		return nil, err
	}
	d.Before.Label = found.label
	return d, nil
}
