package tagger

import (
	"testing"
	"time"

	"e2etap/internal/traffic"
)

// suite is a run that a test puts together, second by second.
type suite struct {
	*Tagger
	t      *testing.T
	ids    int64
	worker *traffic.Process
}

const agent = "e2e.test/v1.37.2 (linux/amd64) kubernetes/abc"

// newSuite has the command as its worker.
func newSuite(t *testing.T) *suite {
	t.Helper()
	tagger, err := New("")
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{Tagger: tagger, t: t}
	s.worker = s.process(nil, 0, "/bin/e2e")
	s.worker.Root = true
	return s
}

// at is a moment of the run, in seconds since its start.
func at(seconds float64) time.Time {
	return time.Unix(1790000000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

func (s *suite) process(parent *traffic.Process, start float64, command ...string) *traffic.Process {
	s.ids++
	return &traffic.Process{ID: s.ids, Parent: parent, PID: int(s.ids), Start: at(start), Executable: command[0], Command: command}
}

// kubectl is a child of the worker.
func (s *suite) kubectl(start float64) *traffic.Process {
	return s.process(s.worker, start, "/bin/kubectl")
}

func request(seconds float64, userAgent, verb, namespace string) *traffic.Request {
	return &traffic.Request{
		Start: at(seconds), Client: traffic.Client{UserAgent: userAgent},
		API: traffic.API{Verb: verb, Resource: "pods", Namespace: namespace},
	}
}

// send has the tagger see a request, as it does live, and returns what it says of it.
func (s *suite) send(q *traffic.Request, p *traffic.Process) traffic.Attribution {
	a := s.Attribute(q, p)
	s.Learn(q, p)
	return a
}

// named is a request of the worker that names its test.
func (s *suite) named(seconds float64, test string) {
	s.t.Helper()
	s.send(request(seconds, agent+" -- "+test, "get", ""), s.worker)
}

// creates has the worker create a namespace for a test and use it.
func (s *suite) creates(seconds float64, test, namespace string) {
	q := request(seconds, agent+" -- "+test, "create", "")
	q.API.Resource = "namespaces"
	s.send(q, s.worker)
	s.send(request(seconds+0.01, agent+" -- "+test, "get", namespace), s.worker)
}

// spec tells of a spec; end 0 is none.
func (s *suite) spec(told traffic.Told, test string, start, end float64) *traffic.Spec {
	v := &traffic.Spec{Test: test, Told: told, Start: at(start)}
	if end > 0 {
		v.End = at(end)
	}
	s.Spec(v)
	return v
}

// want checks an attribution: a test with its source, or why there is none.
func (s *suite) want(a traffic.Attribution, test string, source traffic.Source, why traffic.Why) {
	s.t.Helper()
	if a.Test != test || a.Source != source || a.Why != why {
		s.t.Errorf("got %q from %v (%v), want %q from %v (%v)", a.Test, a.Source, a.Why, test, source, why)
	}
}
