package spec

import (
	"bytes"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// goTest follows the tests of go test: by the lines that go test -v prints, or by the events of -json.
//
// A test waits while its subtest runs, so that it is Paused then, as far as the output tells: it says when a subtest
// begins, but prints its result only after its parent's. That a subtest has ended is known when the next one begins, or
// when its parent prints something. So what a test does between two of its subtests is taken for the first one's.
type goTest struct {
	scanner *Scanner
	tests   map[testKey]*test
}

// testKey names a test that has not ended; the package is "" in the output of -v, which does not name it.
type testKey struct{ pkg, name string }

// test is a test that has not ended.
type test struct {
	testKey
	key      int64
	spec     traffic.Spec
	state    testState
	parallel bool      // it has been paused by t.Parallel
	overAt   time.Time // when it was known to be over; zero: it may run
}

type testState uint8

const (
	runs     testState = iota
	waits              // for a subtest or a ginkgo suite
	queues             // for its turn among parallel tests
	finished           // it is over; its result has not come yet
)

// maxTests bounds the tests that are followed at a time: more than this have not ended only if the output is no one's.
const maxTests = 1 << 16

// line looks at a line of -v.
func (g *goTest) line(text []byte) {
	switch {
	case bytes.HasPrefix(text, []byte("=== ")):
		action, name, _ := strings.Cut(string(text[len("=== "):]), " ")
		g.action(action, testKey{"", strings.TrimSpace(name)}, g.scanner.lineAt)
	case bytes.HasPrefix(text, []byte("--- ")):
		g.result(string(text[len("--- "):]))
	case bytes.HasPrefix(text, []byte("ok  \t")), bytes.HasPrefix(text, []byte("FAIL\t")):
		g.closePackage("", g.scanner.lineAt)
	}
}

// action takes what happens to a test: RUN, PAUSE, CONT, or NAME, which says whose output follows.
func (g *goTest) action(action string, k testKey, at time.Time) {
	t := g.tests[k]
	switch {
	case k.name == "":
	case action == "RUN":
		g.run(k, at)
	case t == nil:
	case action == "PAUSE":
		t.parallel = true
		g.set(t, queues, at)
		g.wakeParent(k, at)
	case action == "CONT" && t.state == queues:
		g.sleep(g.parent(k), at)
		g.set(t, runs, at)
	case action == "NAME" || action == "CONT": // before Go 1.20, CONT was NAME too
		g.printed(t, at)
	}
}

func (g *goTest) run(k testKey, at time.Time) {
	if old := g.tests[k]; old != nil {
		g.end(old, at, traffic.SpecUnknown, 0)
	}
	if len(g.tests) >= maxTests {
		return
	}
	if parent := g.parent(k); parent != nil {
		g.finishBelow(parent, at)
		g.sleep(parent, at)
	}
	t := &test{testKey: k, key: g.scanner.nextKey()}
	t.spec = traffic.Spec{Test: k.name, Worker: k.pkg, Start: at}
	if k.pkg != "" {
		t.spec.Test = k.pkg + "." + k.name
	}
	if g.tests == nil {
		g.tests = make(map[testKey]*test)
	}
	g.tests[k] = t
	g.scanner.send(Started, t.key, at, t.spec)
}

// parent returns the test of which k is a subtest. Names of subtests may contain "/" themselves.
func (g *goTest) parent(k testKey) *test {
	for name := k.name; ; {
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return nil
		}
		name = name[:i]
		if t := g.tests[testKey{k.pkg, name}]; t != nil {
			return t
		}
	}
}

// below returns the tests that run below t one after another: those that run in parallel are not among them.
func (g *goTest) below(t *test) []*test {
	var list []*test
	for k, sub := range g.tests {
		if k.pkg == t.pkg && strings.HasPrefix(k.name, t.name+"/") && !sub.parallel && sub.state <= waits {
			list = append(list, sub)
		}
	}
	return sorted(list)
}

// finishBelow notes that the subtests of t which ran one after another are over.
func (g *goTest) finishBelow(t *test, at time.Time) {
	for _, sub := range g.below(t) {
		sub.overAt = at
		g.set(sub, finished, at)
	}
}

// printed takes that a test has printed something. If it waited, its subtest is over.
func (g *goTest) printed(t *test, at time.Time) {
	if t.state == waits {
		g.finishBelow(t, at)
		g.set(t, runs, at)
	}
}

func (g *goTest) sleep(t *test, at time.Time) {
	if t != nil && t.state == runs {
		g.set(t, waits, at)
	}
}

func (g *goTest) wake(t *test, at time.Time) {
	if t != nil && t.state == waits {
		g.set(t, runs, at)
	}
}

// wakeParent lets a test go on that waited for k, if it waits for no other subtest.
func (g *goTest) wakeParent(k testKey, at time.Time) {
	parent := g.parent(k)
	if parent == nil {
		return
	}
	for other, t := range g.tests {
		if other.pkg == k.pkg && strings.HasPrefix(other.name, parent.name+"/") && t.state <= waits {
			return
		}
	}
	g.wake(parent, at)
}

// set changes a test's state, and tells of it if it begins or ceases to run.
func (g *goTest) set(t *test, state testState, at time.Time) {
	ran := t.state == runs
	t.state = state
	switch {
	case ran && state != runs:
		g.scanner.send(Paused, t.key, at, t.spec)
	case !ran && state == runs:
		g.scanner.send(Continued, t.key, at, t.spec)
	}
}

// hold pauses a package's tests that run, while a ginkgo spec does; release lets them go on.
func (g *goTest) hold(pkg string, at time.Time) []*test {
	var held []*test
	for _, t := range g.tests {
		if t.pkg == pkg && t.state == runs {
			held = append(held, t)
		}
	}
	for _, t := range sorted(held) {
		g.set(t, waits, at)
	}
	return held
}

func (g *goTest) release(held []*test, at time.Time) {
	for _, t := range held {
		if g.tests[t.testKey] == t {
			g.wake(t, at)
		}
	}
}
