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

// conclude attributes the requests of the run anew, with all that is known at its end: the results that the command has left,
// and what came later than a request. The tests are counted anew as well.
func (s *session) conclude(counts *census) error {
	stop := announce(s.stderr, "attributing the requests with all that is known now")
	defer stop()
	e, err := db.OpenEditor(s.options.db)
	if err != nil {
		return concludeError(err)
	}
	s.importResults(e)
	now := newCensus()
	run, err := e.Run(s.ledger.rec.RunName())
	if err == nil {
		_, err = replay.Retag(e, run, now.count)
	}
	if err != nil {
		return concludeError(errors.Join(err, e.Close()))
	}
	if s.ledger.rec.Lost() == 0 { // else the recording knows fewer than were seen
		now.outcomes = counts.outcomes
		*counts = now
	}
	return e.Close()
}

func concludeError(err error) error {
	return fmt.Errorf("%w\nhint: nothing is lost; tests are as they were known while the run went on; \"report retag\" tries again", err)
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
	specs, err := replay.ReadFile(file)
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
