package digest

import (
	"cmp"
	"slices"
)

// A test's requests have changed if they did so by more than a fifth, and by this number at least.
const (
	changedShare   = 5 // a fifth
	changedAtLeast = 5
)

// Figure is a number of two runs.
type Figure struct {
	Name          string
	Before, After int64
}

// Figures returns the numbers of whole runs that differ.
func Figures(before, after *Digest) []Figure {
	all := []Figure{
		{"requests", before.Total.Requests, after.Total.Requests},
		{"errors_5xx", before.Total.Errors5xx, after.Total.Errors5xx},
		{"errors_4xx", before.Total.Errors4xx, after.Total.Errors4xx},
		{"tests", before.TestCount(), after.TestCount()},
	}
	return slices.DeleteFunc(all, func(f Figure) bool { return f.Before == f.After })
}

// Change is a test whose requests have become more or fewer.
type Change struct {
	Test          string // "": requests without a test
	Before, After int64  // 0: it has none in that run
}

// Change returns how many more requests the test has.
func (c *Change) Change() int64 { return c.After - c.Before }

// Percent returns that in percent of before; false if there were none.
func (c *Change) Percent() (float64, bool) {
	if c.Before == 0 {
		return 0, false
	}
	return float64(c.Change()) / float64(c.Before) * 100, true
}

// Changes returns the tests whose numbers of requests differ by more than 20 % of before and by at least 5: the largest
// differences first. Tests are the same if their names are.
func Changes(before, after *Digest) []Change {
	byTest := map[string]*Change{}
	of := func(test string) *Change {
		if byTest[test] == nil {
			byTest[test] = &Change{Test: test}
		}
		return byTest[test]
	}
	for _, g := range before.Tests {
		of(g.Keys[0]).Before = g.Requests
	}
	for _, g := range after.Tests {
		of(g.Keys[0]).After = g.Requests
	}
	var changes []Change
	for _, c := range byTest {
		if n := abs(c.Change()); n >= changedAtLeast && n*changedShare > c.Before {
			changes = append(changes, *c)
		}
	}
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(abs(b.Change()), abs(a.Change())), cmp.Compare(a.Test, b.Test))
	})
	return changes
}

func abs(n int64) int64 { return max(n, -n) }
