package tagger

import (
	"time"

	"e2etap/internal/traffic"
)

// NewCorrelated returns a Tagger for a run whose requests come from an audit log: of their clients nothing is known but what the
// requests say. Where that names no test, it is the only spec that was running at the time. uncertainty, more than 0, is how far
// the times of requests may be off from those of specs.
func NewCorrelated(pattern string, uncertainty time.Duration) (*Tagger, error) {
	t, err := New(pattern)
	if err != nil {
		return nil, err
	}
	t.uncertainty = moment(uncertainty)
	return t, nil
}

// window returns the only spec that was running at the time of a request, for all that is known of its time.
func (t *Tagger) window(q *traffic.Request) (test string, why traffic.Why) {
	if t.programs[q.Client.UserAgent] {
		return "", traffic.WhySuite
	}
	at := momentOf(q.Start)
	var found *traffic.Spec
	for _, line := range t.lines() {
		s, known := line.around(at-t.uncertainty, at+t.uncertainty)
		switch {
		case !known && line.severalAt(at):
			return "", traffic.WhyParallel
		case !known:
			why = traffic.WhyBoundary
		case s != nil && found != nil:
			return "", traffic.WhyParallel
		case s != nil:
			found = s
		}
	}
	switch {
	case found != nil && why == traffic.WhyBoundary:
		return "", traffic.WhyParallel
	case why == traffic.WhyBoundary:
		return "", why
	case found == nil:
		return "", traffic.WhyBetween
	}
	return testOf(found)
}

// lines are the timelines of all that is told of specs.
func (t *Tagger) lines() []*timeline {
	lines := []*timeline{&t.output}
	for _, l := range t.workers {
		lines = append(lines, l)
	}
	for _, l := range t.processes { // of marks
		lines = append(lines, l)
	}
	return lines
}

// around returns the spec that was running all the time between two moments, nil if none was at any; known is false if that
// changed in between, or several were.
func (l *timeline) around(from, to moment) (s *traffic.Spec, known bool) {
	first, many := l.running(from)
	last, manyLast := l.running(to)
	if many || manyLast || first != last || l.after(from) != l.after(to) {
		return nil, false
	}
	if i := l.after(to); l.startsWithin(to, printDelay) && l.told[i].spec.Told == traffic.ToldOutput {
		return nil, false // it may have begun before its line was read
	}
	return last, true
}

// severalAt tells whether several specs were running at a moment.
func (l *timeline) severalAt(at moment) bool {
	_, many := l.running(at)
	return many
}
