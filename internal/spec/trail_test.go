package spec

import (
	"testing"
	"time"
)

func trailOf(stamps ...int64) *trail {
	var t trail
	for _, at := range stamps {
		t.add(at)
	}
	return &t
}

const second = int64(time.Second)

func TestTrailsMemoryIsBounded(t *testing.T) {
	var tr trail
	for i := range int64(100_000) {
		tr.add(i * i * int64(time.Millisecond))
	}
	if len(tr.segments) > maxSegments {
		t.Errorf("%d segments, want at most %d", len(tr.segments), maxSegments)
	}
	first, last, ok := tr.span(0)
	if !ok || first != 0 || last != 99_999*99_999*int64(time.Millisecond) {
		t.Errorf("from %d to %d (%t), want the first and the last stamp", first, last, ok)
	}
}

func TestTrailThatJumpsAboutTellsNothing(t *testing.T) {
	var tr trail
	for i := range int64(1000) {
		tr.add(i*second + i%2*100*24*3600*second)
	}
	if first, last, ok := tr.span(0); ok {
		t.Errorf("from %d to %d, want nothing of two clocks that take turns", first, last)
	}
}

func TestStampsThatAreFewerDoNotCount(t *testing.T) {
	for name, c := range map[string]struct {
		trail              *trail
		limit, first, last int64
		ok                 bool
	}{
		"back":                  {trailOf(10*second, 5*second, 12*second), 0, 10 * second, 12 * second, true},
		"ahead":                 {trailOf(10*second, 50*second, 12*second), 0, 10 * second, 12 * second, true},
		"ahead at the end":      {trailOf(10*second, 12*second, 50*second), 3 * second, 10 * second, 12 * second, true},
		"behind a cut stamp":    {trailOf(1_000_500_000, 1_000_000_000), 0, 1_000_000_000, 1_000_500_000, true},
		"one is not the fewer":  {trailOf(10*second, 50*second), 3 * second, 0, 0, false},
		"two clocks by halves":  {trailOf(1*second, 50*second, 2*second, 51*second), 3 * second, 0, 0, false},
		"without any":           {trailOf(), 0, 0, 0, false},
		"ahead, without limits": {trailOf(10*second, 12*second, 50*second), 0, 10 * second, 50 * second, true},
	} {
		first, last, ok := c.trail.span(c.limit)
		if ok != c.ok || ok && (first != c.first || last != c.last) {
			t.Errorf("%s: from %d to %d (%t), want %d to %d (%t)", name, first, last, ok, c.first, c.last, c.ok)
		}
	}
}
