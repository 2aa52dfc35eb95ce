package focus

import (
	"cmp"
	"slices"
	"strings"

	"e2etap/internal/coverage"
)

func (l *Run) countTests() {
	tests := map[string]*Test{}
	for i := range l.operations {
		o := &l.operations[i]
		for _, name := range o.Tests {
			if tests[name] == nil {
				tests[name] = &Test{Name: name}
			}
			tests[name].add(o)
		}
	}
	for _, t := range tests {
		l.tests = append(l.tests, *t)
	}
}

func (t *Test) add(o *Operation) {
	use := o.Use(t.Name)
	t.Requests += use.Requests
	t.Conformance = use.Conformance
	if o.Noise {
		t.Noise++
		return
	}
	t.Operations = append(t.Operations, o.Op)
	if len(o.Tests) == 1 {
		t.Alone = append(t.Alone, o.Op)
	}
}

// Tests are the tests of the run that asked for operations, the most focused first: those that ask alone for one, then those that ask
// for fewer.
func (l *Run) Tests() []Test {
	return slices.SortedFunc(slices.Values(l.tests), func(a, b Test) int {
		return cmp.Or(cmp.Compare(min(len(b.Alone), 1), min(len(a.Alone), 1)), cmp.Compare(len(a.Operations), len(b.Operations)),
			strings.Compare(a.Name, b.Name))
	})
}

// Operations are the operations that tests asked for, those of the fewest tests first, noise among them.
func (l *Run) Operations() []Operation {
	return slices.SortedStableFunc(slices.Values(l.operations), func(a, b Operation) int { return cmp.Compare(len(a.Tests), len(b.Tests)) })
}

// Noise are the operations that are noise, those of the most tests first.
func (l *Run) Noise() []Operation {
	noise := slices.DeleteFunc(l.Operations(), func(o Operation) bool { return !o.Noise })
	slices.Reverse(noise)
	return noise
}

// IDs are the operationIds of operations.
func IDs(operations []*coverage.Op) (ids []string) {
	for _, op := range operations {
		ids = append(ids, op.ID)
	}
	return ids
}
