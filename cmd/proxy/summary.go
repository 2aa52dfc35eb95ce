package main

import (
	"errors"
	"fmt"
	"strings"

	"e2etap/internal/cli"
)

// finish closes the session, writes the summary, and decides the exit code: an error of the run itself (runErr), else
// the command's, else 3 if the recording is not whole.
func (s *session) finish(code int, runErr error) error {
	closeErr := s.close(code)
	s.summary()
	switch {
	case runErr != nil:
		return &cli.ExitError{Code: code, Err: errors.Join(runErr, closeErr)}
	case code != 0:
		return &cli.ExitError{Code: code, Err: closeErr}
	case closeErr != nil || s.ledger.rec.Lost() > 0:
		return &cli.ExitError{Code: cli.ExitIncomplete, Err: closeErr}
	}
	return nil
}

// maxPrograms is how many client programs the summary names.
const maxPrograms = 5

// summary tells on stderr what was recorded and what to type next.
func (s *session) summary() {
	c := s.ledger.counts()
	p := func(format string, args ...any) { fmt.Fprintf(s.stderr, "e2etap: "+format+"\n", args...) }
	p("recorded %s of %s in %s", plural(c.requests, "request"), plural(c.tests, "test"), since(s.started))
	if c.untested > 0 {
		programs := c.programs
		if more := len(programs) - maxPrograms; more > 0 {
			programs = append(programs[:maxPrograms:maxPrograms], plural(int64(more), "other"))
		}
		p("%s without a test, because neither an E2e-Test header nor the User-Agent names one: %s",
			plural(c.untested, "request"), strings.Join(programs, ", "))
	}
	if cut := cutOff(c.outcomes); cut != "" {
		p("not completed: %s", cut)
	}
	if lost := s.ledger.rec.Lost(); lost > 0 {
		p("NOT RECORDED: %s", plural(lost, "row"))
	}
	name := s.ledger.rec.RunName()
	p("recording %s, %s; next: report --by-test --db %s --run %s", s.options.db, name, shellQuote(s.options.db), shellQuote(name))
}
