package spec

import (
	"cmp"
	"slices"
	"time"
)

// trail are the stamps of a spec's lines, in short: neighbours that are close are one segment.
type trail struct {
	segments []segment
	gap      int64 // nanoseconds between stamps of one segment, at most
	lost     bool  // the stamps jump about too much to tell anything
}

// segment are stamps that follow each other, count of them.
type segment struct {
	first, last int64
	count       int
}

const (
	// maxSegments bounds a trail. The gap grows as needed: it matters only where stamps have to be told apart.
	maxSegments = 64
	// resolution is that of the stamps with milliseconds, which are cut, so that one may be behind a finer one before it.
	resolution = int64(time.Millisecond)
	// maxGap is by how much the stamps of one spec are expected to jump ahead.
	maxGap = int64(24 * time.Hour)
)

func (t *trail) add(at int64) {
	if t.lost {
		return
	}
	if n := len(t.segments); n > 0 && t.segments[n-1].takes(at, max(t.gap, resolution)) {
		t.segments[n-1].join(segment{at, at, 1})
		return
	}
	t.segments = append(t.segments, segment{at, at, 1})
	if len(t.segments) > maxSegments {
		t.shorten()
	}
}

func (s *segment) takes(at, gap int64) bool { return at >= s.first-resolution && at <= s.last+gap }

func (s *segment) join(next segment) {
	s.first, s.last, s.count = min(s.first, next.first), max(s.last, next.last), s.count+next.count
}

// shorten joins segments until half of them are left.
func (t *trail) shorten() {
	for t.gap = max(t.gap, resolution); len(t.segments) > maxSegments/2; {
		if t.gap *= 2; t.gap > maxGap {
			t.lost, t.segments = true, nil
			return
		}
		kept := t.segments[:1]
		for _, s := range t.segments[1:] {
			if last := &kept[len(kept)-1]; last.takes(s.first, t.gap) {
				last.join(s)
			} else {
				kept = append(kept, s)
			}
		}
		t.segments = kept
	}
}

// span returns the first and the last stamp that count. Those that jump back, or farther ahead than limit nanoseconds allow
// for the whole (0: no limit), do not; if they are not the fewer ones, none does.
func (t *trail) span(limit int64) (first, last int64, ok bool) {
	list := t.segments
	if len(list) == 0 {
		return 0, 0, false
	}
	if limit == 0 {
		limit = int64(200 * 365 * 24 * time.Hour)
	}
	all := list[0]
	inOrder := true
	for _, s := range list[1:] {
		inOrder = inOrder && s.first >= all.last-resolution
		all.join(s)
	}
	if inOrder && all.last-all.first <= limit {
		return all.first, all.last, true
	}
	var best segment
	for i := range list {
		if s := heaviest(list[i:], limit); heavier(s, best) > 0 {
			best = s
		}
	}
	return best.first, best.last, 2*best.count > all.count
}

// heaviest returns the most stamps in order that begin with the first segment and end within the limit.
func heaviest(list []segment, limit int64) segment {
	chains := make([]segment, 0, len(list)) // each ends with a segment of the list
	for i, s := range list {
		if i > 0 && (s.first < list[0].last-resolution) || s.last-list[0].first > limit {
			continue
		}
		chain := s
		for _, before := range chains {
			if s.first >= before.last-resolution && before.count+s.count > chain.count {
				chain = before
				chain.join(s)
			}
		}
		if i == 0 || chain.first <= list[0].first {
			chains = append(chains, chain)
		}
	}
	if len(chains) == 0 {
		return segment{}
	}
	return slices.MaxFunc(chains, heavier)
}

// heavier compares by the number of stamps; of as many, those are better that stretch less.
func heavier(a, b segment) int {
	return cmp.Or(a.count-b.count, cmp.Compare(b.last-b.first, a.last-a.first))
}
