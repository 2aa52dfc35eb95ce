package main

import (
	"e2etap/internal/db"
	"e2etap/internal/replay"
)

// finish closes the session, writes the summary, and decides the exit code as exit does.
func (p *proxied) finish(code int, runErr error) error {
	closeErr := p.close(code)
	counts := p.ledger.counts()
	if closeErr == nil {
		closeErr = p.attribute(&counts)
	}
	p.summary(counts)
	return p.exit(code, runErr, closeErr)
}

// attribute attributes the requests of the run anew, with all that is known at its end: results, and what came later than a
// request. The tests are counted anew as well.
func (p *proxied) attribute(counts *census) error {
	defer announce(p.stderr, "attributing the requests with all that is known now")()
	return p.conclude(`tests are as they were known while the run went on; "report retag" tries again`, func(e *db.Editor) error {
		now := newCensus()
		run, err := e.Run(p.ledger.rec.RunName())
		if err == nil {
			_, err = replay.Retag(e, run, now.count)
		}
		if err != nil {
			return err
		}
		if p.ledger.rec.Lost() == 0 { // else the recording knows fewer than were seen
			now.outcomes = counts.outcomes
			*counts = now
		}
		return nil
	})
}

// summary tells on stderr what was recorded and what to type next.
func (p *proxied) summary(c census) {
	p.say("recorded %s of %s in %s", plural(c.requests, "request"), plural(int64(len(c.tests)), "test"), since(p.started))
	if n, reasons := c.reasons(); n > 0 {
		p.say("%s without a test:", plural(n, "request"))
		for _, reason := range reasons {
			p.say("  %s", reason)
		}
	}
	if cut := cutOff(c.outcomes); cut != "" {
		p.say("not completed: %s", cut)
	}
	p.sayWhere("report --by-test")
}
