package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/replay"
	"e2etap/internal/spec"
)

// conclude takes over the results that the command has left, then has last do what else is to be done when all is known.
// hint says what a failure leaves, and what can be done about it.
func (s *session) conclude(hint string, last func(*db.Editor) error) error {
	failed := func(err error) error { return fmt.Errorf("%w\nhint: nothing is lost; %s", err, hint) }
	e, err := db.OpenEditor(s.recording.db)
	if err != nil {
		return failed(err)
	}
	s.importResults(e)
	if err := last(e); err != nil {
		return failed(errors.Join(err, e.Close()))
	}
	return e.Close()
}

// importResults takes over the results that the command line names and that the command has written. What cannot be used is
// said and left.
func (s *session) importResults(e *db.Editor) {
	dir, err := os.Getwd()
	if err != nil {
		return // and so did the command know of none
	}
	for _, file := range spec.FindResults(s.command, dir) {
		info, err := os.Stat(file)
		if err != nil || info.ModTime().Before(s.started.Truncate(time.Second)) {
			continue // it was not written, or is an earlier run's
		}
		if err := importFile(e, s.ledger.rec.RunName(), file); err != nil {
			fmt.Fprintf(s.stderr, "e2etap: warning: %v\n", err)
		}
	}
}

func importFile(e *db.Editor, runName, file string) error {
	specs, err := replay.ReadFile(file, nil) // a path is absolute, never standard input
	if err != nil {
		return err
	}
	run, err := e.Run(runName)
	if err != nil {
		return err
	}
	_, err = replay.Import(e, run, file, specs)
	return err
}

// announce says what takes longer than two seconds. It says nothing once stop was called.
func announce(w io.Writer, what string) (stop func()) {
	t := time.AfterFunc(2*time.Second, func() { fmt.Fprintf(w, "e2etap: %s…\n", what) })
	return func() { t.Stop() }
}
