package correlate

import (
	"slices"
	"sort"
	"time"

	"e2etap/internal/traffic"
)

// busy are the times, by the API server's clock, in which any spec was running, in order and apart from one another.
type busy []span

// busyTimes makes them from specs, as much longer as their times may be off.
func busyTimes(specs []*traffic.Spec, c Clock) busy {
	var all []span
	for _, s := range specs {
		if !s.Start.IsZero() && !s.End.IsZero() {
			all = append(all, span{s.Start.Add(c.Skew - c.Uncertainty), s.End.Add(c.Skew + c.Uncertainty)})
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.first.Compare(b.first) })
	var joined busy
	for _, s := range all {
		if n := len(joined); n > 0 && !s.first.After(joined[n-1].last) {
			joined[n-1].last = later(joined[n-1].last, s.last)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// at tells whether a spec was running, or nothing is known of any.
func (b busy) at(t time.Time) bool {
	i := sort.Search(len(b), func(i int) bool { return b[i].first.After(t) }) - 1
	return len(b) == 0 || i >= 0 && !t.After(b[i].last)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
