package main

import (
	"testing"

	"e2etap/internal/traffic"
)

func TestOutcomesOfSpecsAreInStoredOrder(t *testing.T) {
	for _, tt := range []struct {
		counts specCounts
		total  int64
		want   string
	}{
		{specCounts{}, 0, ""},
		{specCounts{traffic.SpecUnknown: 1}, 1, ": 1 of unknown outcome"},
		{specCounts{traffic.SpecUnknown: 2, traffic.SpecInterrupted: 3, traffic.SpecFailed: 4, traffic.SpecPassed: 1200}, 1209,
			": 1,200 passed, 4 failed, 3 interrupted, 2 of unknown outcome"},
	} {
		if total, got := tt.counts.total(), tt.counts.outcomes(); total != tt.total || got != tt.want {
			t.Errorf("%v: total %d, %q; want %d, %q", tt.counts, total, got, tt.total, tt.want)
		}
	}
}

func TestNodesOfTheSuiteAreNoSpecs(t *testing.T) {
	c := specCounts{}
	c.add(&traffic.Spec{Node: "BeforeSuite", Outcome: traffic.SpecPassed})
	if n := c.total(); n != 0 {
		t.Errorf("%d specs, want none", n)
	}
}
