package main

import (
	"maps"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// specCounts counts executions of tests by how they ended.
type specCounts map[traffic.SpecOutcome]int64

// add counts a spec, unless it is a node of the whole suite.
func (c specCounts) add(s *traffic.Spec) {
	if s.Test != "" {
		c[s.Outcome]++
	}
}

func (c specCounts) total() (n int64) {
	for _, count := range c {
		n += count
	}
	return n
}

// outcomes is ": 10 passed, 2 failed", in stored order with the unknown outcome last; "" without a spec.
func (c specCounts) outcomes() string {
	var parts []string
	for i, name := range traffic.SpecOutcomeNames() {
		if n := c[traffic.SpecOutcome(i)]; n > 0 && name != "" {
			parts = append(parts, decimal(n)+" "+name)
		}
	}
	if n := c[traffic.SpecUnknown]; n > 0 {
		parts = append(parts, decimal(n)+" of unknown outcome")
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// specs returns how the specs that have ended did so.
func (l *ledger) specs() specCounts {
	l.tagging.Lock()
	defer l.tagging.Unlock()
	return maps.Clone(l.ended)
}

// specsLine is the text of a status line.
func (l *ledger) specsLine(time.Time) string {
	c := l.specs()
	return plural(c.total(), "spec") + " so far" + c.outcomes()
}
