package main

import (
	"errors"
	"fmt"

	"e2etap/internal/cli"
)

// finish closes the session, writes the summary, and decides the exit code: an error of the run itself (runErr), else
// the command's, else 3 if the recording is not whole.
func (s *session) finish(code int, runErr error) error {
	closeErr := s.close(code)
	counts := s.ledger.counts()
	if closeErr == nil {
		closeErr = s.conclude(&counts)
	}
	s.summary(counts)
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

// summary tells on stderr what was recorded and what to type next.
func (s *session) summary(c census) {
	p := func(format string, args ...any) { fmt.Fprintf(s.stderr, "e2etap: "+format+"\n", args...) }
	p("recorded %s of %s in %s", plural(c.requests, "request"), plural(int64(len(c.tests)), "test"), since(s.started))
	if n, reasons := c.reasons(); n > 0 {
		p("%s without a test:", plural(n, "request"))
		for _, reason := range reasons {
			p("  %s", reason)
		}
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
