package digest

import (
	"cmp"
	"slices"
	"time"

	"e2etap/internal/traffic"
)

const outcomes = int(traffic.SpecInterrupted) + 1

// Failure is a test, or a node of the whole suite, that failed or was interrupted, with the requests of that test in the run, of all
// of its executions together.
type Failure struct {
	Test, Node           string // one of them is ""
	Outcome              string
	Attempts             int           // 0: not known
	Duration             time.Duration // 0: not known
	Location             string
	Requests             int64 // 0 for a node
	Errors4xx, Errors5xx int64
}

// Specs counts the executions of tests that had one of some outcomes.
func (d *Digest) Specs(had ...traffic.SpecOutcome) (n int64) {
	for _, o := range had {
		n += d.Outcomes[o]
	}
	return n
}

// addSpecs counts executions of tests; a node of the whole suite counts only if it failed.
func (d *Digest) addSpecs(specs []*traffic.Spec) {
	slices.SortStableFunc(specs, func(a, b *traffic.Spec) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	for _, s := range specs {
		if s.Test != "" && int(s.Outcome) < outcomes {
			d.Outcomes[s.Outcome]++
		}
		if s.Outcome == traffic.SpecFailed || s.Outcome == traffic.SpecInterrupted {
			d.Failed = append(d.Failed, d.failure(s))
		}
	}
}

func (d *Digest) failure(s *traffic.Spec) Failure {
	f := Failure{Test: s.Test, Node: s.Node, Outcome: s.Outcome.String(), Attempts: s.Attempts, Duration: s.Duration, Location: s.Location}
	if f.Duration == 0 && !s.Start.IsZero() && !s.End.IsZero() {
		f.Duration = s.End.Sub(s.Start)
	}
	if s.Test != "" {
		g := d.test(s.Test)
		f.Requests, f.Errors4xx, f.Errors5xx = g.Requests, g.Errors4xx, g.Errors5xx
	}
	return f
}
