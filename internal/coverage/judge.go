package coverage

import "e2etap/internal/conformance"

// Judge completes operations and tests with what the conformance programme says of them, by its lists. Of lists that are
// nil nothing is known, and nothing said: see TestsKnown and EligibilityKnown.
func (r *Run) Judge(lists conformance.Lists) {
	r.Lists = &lists
	known := map[string]bool{}
	for i := range r.Operations {
		op := &r.Operations[i]
		if r.EligibilityKnown() {
			op.Eligible, op.Why = lists.Eligible(listed(op))
		}
		op.judge(&lists, known)
	}
	for i := range r.Unresolved {
		r.Unresolved[i].judge(&lists, known)
	}
}

// judge says of each test whether it is a conformance test. Those that were found are kept in known.
func (h *Hits) judge(lists *conformance.Lists, known map[string]bool) {
	for i := range h.Tests {
		use := &h.Tests[i]
		is, asked := known[use.Test]
		if !asked && use.Test != "" {
			_, is = lists.Match(use.Test)
			known[use.Test] = is
		}
		use.Conformance = is
	}
}

// TestsKnown tells whether Judge was told which tests are conformance tests.
func (r *Run) TestsKnown() bool { return r.Lists != nil && r.Lists.Tests != nil }

// EligibilityKnown tells whether Judge was told which operations are ineligible.
func (r *Run) EligibilityKnown() bool { return r.Lists != nil && r.Lists.Ineligible != nil }

// listed is an operation as the programme's lists know it.
func listed(op *Op) conformance.Operation {
	return conformance.Operation{ID: op.ID, Level: op.Level.String(), Deprecated: op.Deprecated}
}
