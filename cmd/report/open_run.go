package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
)

// openRun opens the recording of the run that a name stands for: a run of --db, FILE for its latest, or FILE:RUN.
func (o *options) openRun(name string, stderr io.Writer) (*db.Reader, db.RunInfo, error) {
	if isFile(o.db) {
		r, run, err := o.runOf(o.db, name, stderr)
		if err == nil {
			return r, run, nil
		}
		if file, _ := splitRun(name); file == "" {
			return nil, run, err
		}
	}
	file, run := splitRun(name)
	if file == "" {
		return nil, db.RunInfo{}, fmt.Errorf("%q: no such file, and no recording %s that has such a run\nhint: name a run of --db, FILE, or FILE:RUN", name, o.db)
	}
	return o.runOf(file, run, stderr)
}

// runOf opens one run of a recording.
func (o *options) runOf(file, name string, stderr io.Writer) (*db.Reader, db.RunInfo, error) {
	other := options{db: file}
	r, err := other.open(stderr)
	if err != nil {
		return nil, db.RunInfo{}, err
	}
	run, err := r.Run(name)
	if err != nil {
		return nil, run, errors.Join(err, r.Close())
	}
	return r, run, nil
}

// splitRun splits FILE:RUN at the first colon that follows a file's name; FILE alone means its latest run. The file is "" if there
// is none.
func splitRun(name string) (file, run string) {
	if isFile(name) {
		return name, db.LatestRun
	}
	for i := range name {
		if name[i] == ':' && isFile(name[:i]) {
			return name[:i], name[i+1:]
		}
	}
	return "", ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// completeDiff completes the two arguments of diff.
func (o *options) completeDiff(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) >= 2 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return o.completeAgainst(cmd, args, typed)
}

func completeOneRun(r *db.Reader, o *options) ([]string, error) {
	names, err := completeRuns(r, o)
	return append(names[:1:1], names[2:]...), err
}
