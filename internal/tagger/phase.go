package tagger

import (
	"time"

	"e2etap/internal/traffic"
)

// phase returns what part of a test was running at a time, if results tell: that of the execution which had begun last.
func (t *Tagger) phase(test string, at time.Time) (traffic.Phase, int) {
	var s *traffic.Spec
	for _, e := range t.executions[test] {
		if len(e.Phases) > 0 && !e.Start.After(at) && (s == nil || e.Start.After(s.Start)) {
			s = e
		}
	}
	if s == nil || test == "" {
		return traffic.PhaseUnknown, 0
	}
	in := s.PhaseAt(at)
	if !s.End.IsZero() && at.After(s.End) {
		in.Phase = traffic.PhaseAfter
	}
	return in.Phase, in.Attempt
}
