package correlate

import (
	"slices"
	"time"

	"e2etap/internal/traffic"
)

// Clock is how the API server's clock relates to that of the specs.
type Clock struct {
	Skew        time.Duration // how far the API server's is ahead
	Uncertainty time.Duration // how far that may be off, either way
	Tests       int           // that it was found from; 0: it was not found, but given or taken for 0
	Agree       int           // of these, tests that it fits
	Same        bool          // the API server's clock is that of the specs: marks in its log tell of them
}

const (
	// unknownUncertainty is taken where nothing tells: machines that synchronize their clocks are within some milliseconds, but
	// what specs print of their times is read and written with delay.
	unknownUncertainty = 50 * time.Millisecond
	// leastUncertainty is the resolution of what specs print of their times (Go's time.StampMilli).
	leastUncertainty = time.Millisecond
)

// bound says that the skew is at least at, if it opens a range of possible skews, or at most, if it closes one.
type bound struct {
	at   time.Duration
	open bool
}

// findClock finds the skew with which most requests that name their test were received while it ran: for each test, the first and
// the last one before each pause. Tests that ran more than once tell nothing.
func findClock(specs []*traffic.Spec, spans map[string][]span) Clock {
	once := onlyRuns(specs)
	var bounds []bound
	var c Clock
	for test, received := range spans {
		s := once[test]
		if s == nil {
			continue
		}
		c.Tests++
		for _, r := range received {
			for _, at := range [...]time.Time{r.first, r.last} {
				bounds = append(bounds, bound{at.Sub(s.End), true}, bound{at.Sub(s.Start), false})
			}
		}
	}
	if c.Tests == 0 {
		return Clock{Uncertainty: unknownUncertainty}
	}
	from, to := commonest(bounds)
	c.Skew, c.Uncertainty = from+(to-from)/2, max((to-from)/2, leastUncertainty)
	for test, received := range spans {
		if s := once[test]; s != nil && slices.ContainsFunc(received, func(r span) bool { return c.fits(s, r) }) {
			c.Agree++
		}
	}
	return c
}

// onlyRuns are the specs of tests that ran once, by test, but for those whose clock was set back in between.
func onlyRuns(specs []*traffic.Spec) map[string]*traffic.Spec {
	once, more := map[string]*traffic.Spec{}, map[string]bool{}
	for _, s := range specs {
		if s.Test == "" || s.Start.IsZero() || s.End.Before(s.Start) {
			continue
		}
		if once[s.Test] != nil || more[s.Test] {
			more[s.Test] = true
			delete(once, s.Test)
			continue
		}
		once[s.Test] = s
	}
	return once
}

// fits tells whether requests may have been received while a spec ran.
func (c *Clock) fits(s *traffic.Spec, r span) bool {
	return !r.first.Add(c.Uncertainty-c.Skew).Before(s.Start) && !r.last.Add(-c.Uncertainty-c.Skew).After(s.End)
}

// commonest is the part that most of the ranges have in common; of several such parts, the one nearest to 0.
func commonest(bounds []bound) (from, to time.Duration) {
	slices.SortFunc(bounds, func(a, b bound) int {
		switch {
		case a.at != b.at:
			return int(min(max(a.at-b.at, -1), 1))
		case a.open == b.open:
			return 0
		case a.open:
			return -1
		}
		return 1
	})
	open, most := 0, 0
	for i, b := range bounds {
		if !b.open {
			open--
			continue
		}
		open++
		end := bounds[i+1].at // there is a closing one for each that opens
		if open > most || open == most && distance(b.at, end) < distance(from, to) {
			from, to, most = b.at, end, open
		}
	}
	return from, to
}

// distance is how far a range is from 0.
func distance(from, to time.Duration) time.Duration {
	switch {
	case from > 0:
		return from
	case to < 0:
		return -to
	}
	return 0
}
