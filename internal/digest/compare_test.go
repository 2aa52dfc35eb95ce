package digest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
)

// ran is a digest of tests with so many requests.
func ran(requests map[string]int64) *Digest {
	d := &Digest{}
	for test, n := range requests {
		d.Tests = append(d.Tests, db.Group{Keys: []string{test}, Requests: n})
		d.Total.Requests += n
	}
	return d
}

func TestChangesOfTests(t *testing.T) {
	before := ran(map[string]int64{"same": 50, "a fifth": 100, "more than a fifth": 100, "too few": 8, "just enough": 8, "fewer": 40, "gone": 6, "small and gone": 4, "": 10})
	after := ran(map[string]int64{"same": 50, "a fifth": 120, "more than a fifth": 121, "too few": 12, "just enough": 13, "fewer": 10, "new": 7, "small and new": 4, "": 90})
	want := []Change{
		{"", 10, 90}, {"fewer", 40, 10}, {"more than a fifth", 100, 121}, {"new", 0, 7}, {"gone", 6, 0}, {"just enough", 8, 13},
	}
	if diff := cmp.Diff(want, Changes(before, after)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPercentOfAChange(t *testing.T) {
	if p, ok := (&Change{Before: 40, After: 10}).Percent(); p != -75 || !ok {
		t.Errorf("%v, %v, want -75", p, ok)
	}
	if _, ok := (&Change{After: 10}).Percent(); ok {
		t.Error("a percentage of nothing")
	}
}

func TestFiguresThatDiffer(t *testing.T) {
	before, after := ran(map[string]int64{"a": 5, "b": 5}), ran(map[string]int64{"a": 10, "": 3})
	before.Total.Errors4xx, after.Total.Errors4xx = 2, 2
	before.Total.Errors5xx, after.Total.Errors5xx = 1, 0
	want := []Figure{{"requests", 10, 13}, {"errors_5xx", 1, 0}, {"tests", 2, 1}}
	if diff := cmp.Diff(want, Figures(before, after)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
