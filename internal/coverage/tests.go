package coverage

import (
	"maps"
	"slices"

	"e2etap/internal/conformance"
	"e2etap/internal/traffic"
)

// State is what is known of a conformance test in a run.
type State string

// The states of a test whose spec ended are the outcomes of specs: passed, failed, skipped, pending and interrupted.
const (
	StateRan     State = "ran"      // it was seen, and nothing tells how it ended
	StateNotSeen State = "not seen" // nothing tells of it
)

// TestState is a conformance test and what became of it.
type TestState struct {
	conformance.Test
	State    State
	RanAs    string // its name in the run, whose tags may stand elsewhere; "" if it was not seen
	Requests int64  // in the run
}

// ConformanceTests tells of each test of the lists that Judge was given what became of it, in the lists' order. Of several
// specs of a test, one that failed counts, then one that passed.
func (r *Run) ConformanceTests(specs []*traffic.Spec) []TestState {
	if !r.TestsKnown() {
		return nil
	}
	seen := r.seen(specs)
	all := make([]TestState, len(r.Lists.Tests))
	for i, test := range r.Lists.Tests {
		all[i] = TestState{Test: test, State: StateNotSeen}
		if s := seen[test.Name]; s != nil {
			all[i] = *s
		}
	}
	return all
}

// seen are the conformance tests that specs or requests tell of, by the name that the lists have for them.
func (r *Run) seen(specs []*traffic.Spec) map[string]*TestState {
	seen := map[string]*TestState{}
	see := func(name string) *TestState {
		test, is := r.Lists.Match(name)
		if name == "" || !is {
			return nil
		}
		if seen[test.Name] == nil {
			seen[test.Name] = &TestState{Test: test, State: StateRan, RanAs: name}
		}
		return seen[test.Name]
	}
	requests := r.requestsByTest()
	for _, name := range slices.Sorted(maps.Keys(requests)) {
		if s := see(name); s != nil {
			s.Requests += requests[name]
		}
	}
	for _, spec := range specs {
		if s := see(spec.Test); s != nil && rank(spec.Outcome.String()) > rank(string(s.State)) {
			s.State = State(spec.Outcome.String())
		}
	}
	return seen
}

// rank orders what specs of one test tell of it.
func rank(state string) int {
	switch state {
	case traffic.SpecFailed.String():
		return 3
	case traffic.SpecPassed.String():
		return 2
	case string(StateRan), traffic.SpecUnknown.String():
		return 0
	}
	return 1
}

func (r *Run) requestsByTest() map[string]int64 {
	counts := map[string]int64{}
	add := func(h *Hits) {
		for i := range h.Tests {
			counts[h.Tests[i].Test] += h.Tests[i].Requests
		}
	}
	for i := range r.Operations {
		add(&r.Operations[i].Hits)
	}
	for i := range r.Unresolved {
		add(&r.Unresolved[i].Hits)
	}
	return counts
}
