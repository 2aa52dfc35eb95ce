package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/conformance"
	"e2etap/internal/coverage"
	"e2etap/internal/db"
)

// listFiles are the flags that name files in the place of the conformance lists that ship with the program.
type listFiles struct{ tests, ineligible, pending string }

func (l *listFiles) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&l.tests, "conformance-yaml", "", "conformance tests: a conformance.yaml of Kubernetes (default: the one of the server's minor)")
	f.StringVar(&l.ineligible, "ineligible", "", "operations that are not eligible: an ineligible_endpoints.yaml (default: likewise)")
	f.StringVar(&l.pending, "pending", "", "operations that may lack a test: a pending_eligible_endpoints.yaml (default: likewise)")
}

// judge completes a run with what the lists say, and says on stderr which lists they are.
func (l *listFiles) judge(run *coverage.Run, stderr io.Writer) error {
	lists, err := l.load(&run.Info, stderr)
	if err != nil {
		return err
	}
	run.Judge(lists)
	return nil
}

// load reads the files that are named; the other lists are those of the server's minor, or nil if its version is not known.
func (l *listFiles) load(run *db.RunInfo, stderr io.Writer) (conformance.Lists, error) {
	lists, exact, err := conformance.Load(run.ServerVersion)
	if err != nil {
		lists = conformance.Lists{}
	}
	var named []string
	for _, list := range []struct {
		file, what string
		read       func(io.Reader, string) error
	}{
		{l.tests, "conformance tests", reading(&lists.Tests, conformance.ReadTests)},
		{l.ineligible, "ineligible operations", reading(&lists.Ineligible, conformance.ReadIneligible)},
		{l.pending, "pending operations", reading(&lists.Pending, conformance.ReadPending)},
	} {
		if list.file == "" {
			continue
		}
		if err := readNamed(list.file, list.read); err != nil {
			return lists, err
		}
		named = append(named, list.what+" of "+list.file)
	}
	tellLists(run, &lists, exact, named, stderr)
	return lists, nil
}

// reading reads a list to where it belongs.
func reading[T any](to *T, read func(io.Reader, string) (T, error)) func(io.Reader, string) error {
	return func(r io.Reader, name string) (err error) {
		*to, err = read(r, name)
		return err
	}
}

func readNamed(file string, read func(io.Reader, string) error) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("open conformance list: %w", err)
	}
	defer f.Close()
	return read(f, file)
}

// tellLists says which lists are used.
func tellLists(run *db.RunInfo, lists *conformance.Lists, exact bool, named []string, stderr io.Writer) {
	var said []string
	switch {
	case lists.Version != "" && exact:
		said = append(said, "the conformance lists of Kubernetes "+lists.Version)
	case lists.Version != "":
		said = append(said, fmt.Sprintf("the conformance lists of Kubernetes %s, since there are none for the server's %s", lists.Version, run.ServerVersion))
	case lists.Tests == nil || lists.Ineligible == nil:
		fmt.Fprintf(stderr, "report: %s does not tell the version of its API server, so conformance lists have to be named\n"+
			"hint: pass --conformance-yaml and --ineligible\n", run.Name)
	}
	if said = append(said, named...); len(said) > 0 {
		fmt.Fprintf(stderr, "report: using %s\n", strings.Join(said, ", "))
	}
}
