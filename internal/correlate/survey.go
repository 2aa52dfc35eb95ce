package correlate

import (
	"time"

	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

// survey is what must be known of an audit log before the tests' clients can be told from others.
type survey struct {
	tagger  *tagger.Tagger
	clients map[client]bool   // that name tests
	named   map[string]bool   // programs that name tests
	spans   map[string][]span // of the requests that name a test, by test: those that came within a pause of one another
	marked  marked
	last    time.Time // that a request was received
	busy    busy
	idle    map[string]bool // programs that these clients used while no spec ran
}

// client is who sends requests, as far as an audit log tells.
type client struct{ user, source string }

// pause is how long a test may send nothing before what it sends then may be of another run of it, in the same log.
const pause = time.Minute

// span is when the first and the last request were received that name a test.
type span struct{ first, last time.Time }

func newSurvey(t *tagger.Tagger) *survey {
	return &survey{tagger: t, clients: map[client]bool{}, named: map[string]bool{}, spans: map[string][]span{}, idle: map[string]bool{}}
}

func (s *survey) test(a *traffic.Audit) string {
	_, test := s.tagger.Named(&traffic.Client{UserAgent: a.UserAgent})
	return test
}

// first learns of requests that name tests, in the order in which they were received.
func (s *survey) first(a *traffic.Audit) error {
	test := s.test(a)
	s.last = a.Received
	if isMark(a) {
		s.marked.add(test, a.Received)
		return nil
	}
	if test == "" {
		return nil
	}
	s.clients[clientOf(a)] = true
	s.named[traffic.Program(a.UserAgent)] = true
	known := s.spans[test]
	if n := len(known); n > 0 && a.Received.Sub(known[n-1].last) <= pause {
		known[n-1].last = a.Received
	} else {
		s.spans[test] = append(known, span{a.Received, a.Received})
	}
	return nil
}

// second learns of programs that work while no spec runs.
func (s *survey) second(a *traffic.Audit) error {
	if s.mayBeTests(a) && !s.busy.at(a.Received) {
		s.idle[traffic.Program(a.UserAgent)] = true
	}
	return nil
}

// mayBeTests tells whether a request is of a user who runs tests, from where they do. If no request names a test, that is everybody
// who is not a component of the cluster.
func (s *survey) mayBeTests(a *traffic.Audit) bool {
	if len(s.clients) == 0 {
		return !tagger.IsSystem(a.User)
	}
	return s.clients[clientOf(a)]
}

// isTests tells whether a request is of the tests' own clients: programs that name tests, kubectl, which tests start, and others
// unless they work without any test, as a controller does that was given the administrator's credentials.
func (s *survey) isTests(a *traffic.Audit) bool {
	program := traffic.Program(a.UserAgent)
	switch {
	case isMark(a):
		return false
	case s.test(a) != "":
		return true
	case !s.mayBeTests(a):
		return false
	}
	return s.named[program] || program == "kubectl" || !s.idle[program]
}

func clientOf(a *traffic.Audit) client {
	c := client{user: a.User}
	if len(a.SourceIPs) > 0 {
		c.source = a.SourceIPs[0]
	}
	return c
}
