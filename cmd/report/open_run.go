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
	r, run, _, err := o.findRun(name, stderr)
	return r, run, err
}

// findRun is openRun, and says which file the recording is.
func (o *options) findRun(name string, stderr io.Writer) (_ *db.Reader, run db.RunInfo, file string, err error) {
	file, runName := splitRun(name)
	if isFile(o.db) {
		r, run, err := o.runOf(o.db, name, stderr)
		if err == nil || file == "" {
			return r, run, o.db, err
		}
	}
	if file == "" {
		return nil, run, "", fmt.Errorf("%q: no such file, and no recording %s that has such a run\nhint: name a run of --db, FILE, or FILE:RUN", name, o.db)
	}
	r, run, err := o.runOf(file, runName, stderr)
	return r, run, file, err
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
