// Package tagger says which test a request belongs to, from what the request itself carries and from what is known of
// processes, specs and namespaces.
//
// It is pure and deterministic: no I/O, no clock, no goroutines. A [Tagger] is told of what happens in the order in which it
// happens, and can be asked at any time. While a run goes on it answers with what is known by then; told all of a
// recording and then [Tagger.Seal], it answers with what is known of the whole run. It never guesses: what nothing names has
// no test, and it says why.
package tagger

import (
	"e2etap/internal/traffic"
)

// Tagger attributes the requests of one run to tests. Its methods are for one goroutine at a time.
type Tagger struct {
	pattern     pattern
	sealed      bool
	uncertainty moment // of the times of requests in a run that was not recorded; 0: it was

	processes  map[int64]*timeline  // by the ID of the process
	named      []*timeline          // of processes whose requests name their tests
	workers    map[string]*timeline // by worker, as workerOf names it
	clients    map[clientKey]moment // when a process was first seen to act so
	output     timeline             // specs that are told without a worker, as the command's output does it
	recognized int                  // processes that are known to be the one that output tells of
	namespaces namespaces
	objects    objects
	programs   map[string]bool            // User-Agents, without tests, of those that name tests: see pattern.program
	executions map[string][]*traffic.Spec // by test
}

// New returns a Tagger that finds a test's name in the User-Agent by pattern, a regular expression (RE2) with one
// group, the name. "" means DefaultPattern.
func New(pattern string) (*Tagger, error) {
	p, err := newPattern(pattern)
	if err != nil {
		return nil, err
	}
	return &Tagger{
		pattern:   p,
		processes: map[int64]*timeline{}, workers: map[string]*timeline{}, clients: map[clientKey]moment{},
		namespaces: newNamespaces(), objects: objects{}, programs: map[string]bool{}, executions: map[string][]*traffic.Spec{},
	}, nil
}

// Votes is what each source says of a request: the name of a test, or "" for nothing.
type Votes struct {
	names [traffic.SourceCount]string
	why   traffic.Why // of the process
	child bool        // the process is below the one that runs specs, not that one itself
}

// Of returns what a source says.
func (v *Votes) Of(s traffic.Source) string { return v.names[s] }

// Votes asks every source, with p, the process that sent the request (nil: not known). With hidden, it asks as if the
// request itself did not name its test: neither its headers nor what was learned from them count.
func (t *Tagger) Votes(q *traffic.Request, p *traffic.Process, hidden bool) Votes {
	var v Votes
	if !hidden {
		v.names[traffic.SourceHeader], v.names[traffic.SourceUserAgent] = t.pattern.names(&q.Client)
	}
	if p != nil {
		v.names[traffic.SourceEnvironment] = p.Test
	}
	if t.uncertainty > 0 {
		v.names[traffic.SourceWindow], v.why = t.window(q)
	} else {
		v.names[traffic.SourceProcess], v.child, v.why = t.running(q, p, hidden)
		v.names[traffic.SourceOutput] = t.printed(q, p, hidden)
	}
	own := "" // what the request has taught
	if hidden {
		own = t.pattern.name(&q.Client)
	}
	v.names[traffic.SourceNamespace] = t.namespaceOwner(q, own)
	v.names[traffic.SourceObject] = t.objectOwner(q, own)
	return v
}

// Attribute says which test a request belongs to.
func (t *Tagger) Attribute(q *traffic.Request, p *traffic.Process) traffic.Attribution {
	v := t.Votes(q, p, false)
	a := v.Decide()
	a.Phase, a.Attempt = t.phase(a.Test, q.Start)
	return a
}

// Decide chooses the strongest source that names a test.
//
// A namespace or an object that contradicts the process itself (not a child of it, whose spec is certain) leaves the test unknown:
// it may be a request of an earlier spec that came late. So does a process that runs specs and of which it is not certain which one it
// was: what the output says of that time is no better.
func (v *Votes) Decide() traffic.Attribution {
	a := traffic.Attribution{Why: v.why}
	for _, s := range traffic.Sources() {
		name := v.names[s]
		switch {
		case name == "", s == traffic.SourceOutput && a.Source == traffic.SourceNone && withheld(v.why):
		case a.Source == traffic.SourceNone:
			a.Test, a.Source = name, s
		case name == a.Test:
			a.Agreed = a.Agreed.With(s)
		default:
			a.Disagreed = a.Disagreed.With(s)
		}
	}
	elsewhere := a.Disagreed.Has(traffic.SourceNamespace) || a.Disagreed.Has(traffic.SourceObject)
	if a.Source == traffic.SourceProcess && !v.child && elsewhere {
		return traffic.Attribution{Why: traffic.WhyDisagree, Disagreed: a.Disagreed.With(traffic.SourceProcess)}
	}
	if a.Source != traffic.SourceNone {
		a.Why = traffic.WhyTested
	}
	return a
}

// withheld tells whether a process that runs specs, or one below it, is not taken for any of them, for this reason.
func withheld(why traffic.Why) bool {
	switch why {
	case traffic.WhySuite, traffic.WhyBetween, traffic.WhyBoundary, traffic.WhyParallel, traffic.WhyOutlived:
		return true
	}
	return false
}

// Learn takes note of a request that has begun. Requests are to be told in the order of their start.
func (t *Tagger) Learn(q *traffic.Request, p *traffic.Process) {
	test := t.pattern.name(&q.Client)
	if p != nil {
		t.learnProcess(q, p, test)
	}
	if program := t.pattern.program(q.Client.UserAgent); program != "" && t.uncertainty > 0 {
		t.programs[program] = true
	}
	if test == "" && p != nil {
		test = p.Test
	}
	if test != "" {
		t.namespaces.learn(q, test)
	}
}

// Spec takes note of a spec that has begun or ended. It keeps s, and finds in it what has changed since.
func (t *Tagger) Spec(s *traffic.Spec) {
	known := false
	for _, e := range t.executions[s.Test] {
		known = known || e == s
	}
	if !known {
		t.executions[s.Test] = append(t.executions[s.Test], s)
	}
	t.timelineOf(s).tell(s)
	if s.Told == traffic.ToldOutput && !s.End.IsZero() {
		for _, line := range t.named {
			line.printedEnd(s)
		}
	}
}

// timelineOf returns the timeline that a spec belongs to: its process's, its worker's, or that of the output as a whole.
func (t *Tagger) timelineOf(s *traffic.Spec) *timeline {
	switch {
	case s.Process != nil:
		return t.timeline(s.Process)
	case s.Worker == "":
		return &t.output
	}
	key := workerKey(s.Worker)
	if t.workers[key] == nil {
		t.workers[key] = &timeline{}
	}
	return t.workers[key]
}

// Seal tells that the run is over, so that a spec without an end lasted to its last request and not to this day.
func (t *Tagger) Seal() { t.sealed = true }
