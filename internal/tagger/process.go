package tagger

import (
	"path"
	"strconv"
	"strings"

	"e2etap/internal/traffic"
)

// clientKey is something that a process does, by which a client that outlives its spec shows itself.
type clientKey struct {
	process      int64
	agent, watch string // watch is "" or what is watched
}

// timeline returns what is known of a process, which it notes if it is new.
func (t *Tagger) timeline(p *traffic.Process) *timeline {
	l := t.processes[p.ID]
	if l == nil {
		l = &timeline{key: workerOf(p)}
		t.processes[p.ID] = l
	}
	return l
}

// workerOf returns what a process says of which worker it is: a process of ginkgo's by its number, a test binary of go
// test by its name; "" for others.
func workerOf(p *traffic.Process) string {
	for _, arg := range p.Command {
		if n, ok := strings.CutPrefix(strings.TrimLeft(arg, "-"), "ginkgo.parallel.process="); ok {
			return workerKey(n)
		}
	}
	if name := path.Base(p.Executable); strings.HasSuffix(name, testBinary) {
		return name
	}
	return ""
}

const testBinary = ".test"

// workerKey returns how [workerOf] names a worker: a number of ginkgo's, or the package of go test.
func workerKey(worker string) string {
	if _, err := strconv.Atoi(worker); err == nil {
		return "ginkgo " + worker
	}
	return path.Base(worker) + testBinary
}

// learnProcess takes note of what a process has sent, with the test that it names, if it does.
func (t *Tagger) learnProcess(q *traffic.Request, p *traffic.Process, test string) {
	l, at := t.timeline(p), momentOf(q.Start)
	if test == "" {
		t.firstSeen(clientKey{p.ID, q.Client.UserAgent, ""}, at)
		if q.API.Verb == "watch" {
			t.firstSeen(watchKey(q, p), at)
		}
		return
	}
	if !l.names {
		l.names = true
		t.named = append(t.named, l)
	}
	if program := t.pattern.program(q.Client.UserAgent); program != "" {
		l.program = program
	}
	l.infer(test, at)
	if (l.worker == nil || l.worker == &t.output) && t.workers[l.key] == nil {
		t.recognize(l, test, at)
	}
}

// recognize finds out whether a process is the one whose specs the output tells: it names one while that is running.
func (t *Tagger) recognize(l *timeline, test string, at moment) {
	if !t.fits(test, at) {
		return
	}
	if l.worker == nil {
		l.worker = &t.output
		t.recognized++
	}
	l.fitting++
}

// fits tells whether the output says that a test was running.
func (t *Tagger) fits(test string, at moment) bool {
	s, _ := t.output.running(at)
	return s != nil && s.Test == test
}

// ownRecognition tells whether it is the request alone, by its name, that has shown that its process is the one whose specs the
// output tells.
func (t *Tagger) ownRecognition(l *timeline, q *traffic.Request) bool {
	return l.worker == &t.output && l.fitting == 1 && t.fits(t.pattern.name(&q.Client), momentOf(q.Start))
}

func (t *Tagger) firstSeen(k clientKey, at moment) {
	if _, seen := t.clients[k]; !seen {
		t.clients[k] = at
	}
}

func watchKey(q *traffic.Request, p *traffic.Process) clientKey {
	return clientKey{p.ID, q.Client.UserAgent, strings.Join([]string{
		q.API.Group, q.API.Resource, q.API.Namespace, q.API.Name, q.Query.LabelSelector, q.Query.FieldSelector}, " ")}
}

// running returns the test that the process of a request was running, or its nearest ancestor that runs any: then child is
// true.
func (t *Tagger) running(q *traffic.Request, p *traffic.Process, hidden bool) (test string, child bool, why traffic.Why) {
	if p == nil {
		return "", false, traffic.WhyProcessUnknown
	}
	var below *traffic.Process
	for a := p; a != nil; below, a = a, a.Parent {
		l := t.timeline(a)
		if t.runsSpecs(l) && !(hidden && below == nil && t.ownEvidence(l, q)) {
			if below == nil {
				test, why = t.own(l, q, p, hidden)
			} else {
				test, why = t.ofChild(l, q, p, below, hidden)
			}
			return test, below != nil, why
		}
	}
	if len(t.named) > 0 || len(t.workers) > 0 {
		return "", false, traffic.WhyOutside
	}
	return "", false, traffic.WhyNoSpec
}

// runsSpecs tells whether a process is known to run specs.
func (t *Tagger) runsSpecs(l *timeline) bool {
	if l.worker == nil && l.key != "" {
		l.worker = t.workers[l.key]
	}
	return len(l.inferred) > 0 || len(l.told) > 0 || l.worker != nil
}

// ownEvidence tells whether it is the request alone, by its name, that has shown that its process runs specs.
func (t *Tagger) ownEvidence(l *timeline, q *traffic.Request) bool {
	return len(l.told) == 0 && (l.worker == nil || t.ownRecognition(l, q)) && len(l.inferred) == 1 && l.inferred[0].alone
}

// own attributes a request of the process itself that runs specs, which may come from what an earlier spec left running.
//
// A program that names its specs in the User-Agent names none for a client that it made outside of all; a client with a
// User-Agent of its own belongs to the spec in which it first appeared. For programs that never name specs a request
// belongs to the spec of its time, but for a watch that an earlier spec had as well: it may be an informer's of that one.
func (t *Tagger) own(l *timeline, q *traffic.Request, p *traffic.Process, hidden bool) (string, traffic.Why) {
	if !hidden && l.program != "" && q.Client.UserAgent == l.program {
		return "", traffic.WhySuite
	}
	if hidden && t.ownRecognition(l, q) {
		seen := *l
		seen.worker = nil
		l = &seen
	}
	test, why := t.at(l, momentOf(q.Start), hidden)
	if test == "" || hidden || t.pattern.name(&q.Client) != "" {
		return test, why
	}
	key := clientKey{p.ID, q.Client.UserAgent, ""}
	switch {
	case l.names:
	case q.API.Verb == "watch":
		key = watchKey(q, p)
	default:
		return test, why
	}
	if first, seen := t.clients[key]; seen {
		if before, _ := t.at(l, first, false); before != test {
			return "", traffic.WhyOutlived
		}
	}
	return test, why
}

// ofChild attributes the request of a process below one that runs specs: it belongs to the spec that started it, however
// late it comes. below is the child of the one that runs specs, whose start is known to a tick. If one spec gave way to another in
// that tick, a namespace that belongs to one of the two decides.
func (t *Tagger) ofChild(l *timeline, q *traffic.Request, p, below *traffic.Process, hidden bool) (string, traffic.Why) {
	started, now := momentOf(below.Start), momentOf(q.Start)
	test, why := t.at(l, min(started, now), false)
	later, laterWhy := t.at(l, min(started+tick, now), false)
	switch {
	case test == later:
		return test, why
	case test == "" && !l.marked: // what a mark is for starts a tick after it at the earliest
		return later, laterWhy
	case later == "":
		return test, why
	}
	if owner := t.ownerFor(q, p, hidden); owner != "" && (owner == test || owner == later) {
		return owner, traffic.WhyTested
	}
	return "", traffic.WhyBoundary
}

// ownerFor returns the test that owns a request's namespace, or else the one that its process's arguments name.
func (t *Tagger) ownerFor(q *traffic.Request, p *traffic.Process, hidden bool) string {
	if hidden {
		return t.namespaceOwner(q, t.pattern.name(&q.Client))
	}
	if owner := t.namespaceOwner(q, ""); owner != "" {
		return owner
	}
	return t.namespaceOwner(&traffic.Request{Start: q.Start, API: traffic.API{Namespace: namespaceOf(p.Command)}}, "")
}

// at returns the test that a process was running at a time.
func (t *Tagger) at(l *timeline, at moment, hidden bool) (string, traffic.Why) {
	for _, line := range [...]*timeline{l, l.worker} {
		if line == nil || len(line.told) == 0 {
			continue
		}
		s, many := line.running(at)
		switch {
		case many:
			return "", traffic.WhyParallel
		case s != nil && s.Told != traffic.ToldOutput:
			return testOf(s)
		case s == nil && line.exact:
			return "", traffic.WhyBetween
		}
	}
	i := l.spanAt(at)
	if test := l.covering(i, at, hidden); test != "" {
		return test, traffic.WhyTested
	}
	if l.worker != nil {
		return l.worker.asPrinted(at)
	}
	switch {
	case i < 0:
		return "", traffic.WhyBetween
	case !t.sealed && i == len(l.inferred)-1 && l.inferred[i].ended == 0:
		return l.inferred[i].test, traffic.WhyTested // for all that is known now
	}
	return "", traffic.WhyBoundary
}

// testOf returns a spec's test. A node of the whole suite has none.
func testOf(s *traffic.Spec) (string, traffic.Why) {
	if s.Test == "" {
		return "", traffic.WhySuite
	}
	return s.Test, traffic.WhyTested
}

// printed returns the test that was running as the output tells, unless the process is known not to belong to it.
func (t *Tagger) printed(q *traffic.Request, p *traffic.Process, hidden bool) string {
	if len(t.output.told) == 0 || !t.mayBePrinted(q, p, hidden) {
		return ""
	}
	test, _ := t.output.asPrinted(momentOf(q.Start))
	return test
}

func (t *Tagger) mayBePrinted(q *traffic.Request, p *traffic.Process, hidden bool) bool {
	recognized := t.recognized
	var unseen *timeline // recognized by the request alone
	if p != nil && hidden {
		if l := t.processes[p.ID]; l != nil && t.ownRecognition(l, q) {
			unseen = l
			recognized--
		}
	}
	if recognized == 0 {
		return p == nil || p.Inside()
	}
	for ; p != nil; p = p.Parent {
		if l := t.processes[p.ID]; l != nil && l != unseen && l.worker == &t.output {
			return true
		}
	}
	return false
}
