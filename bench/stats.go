//go:build linux

package main

import (
	"fmt"
	"slices"
	"time"
)

// percentile of sorted durations; 0 of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// spread is what the rounds said of one thing.
type spread struct{ median, low, high float64 }

// newSpread takes at least one value.
func newSpread(values []float64) spread {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return spread{median: (v[(n-1)/2] + v[n/2]) / 2, low: v[0], high: v[n-1]}
}

// format writes "44.1 (43.0–47.9)".
func (s spread) format(decimals int) string {
	f := func(x float64) string { return fmt.Sprintf("%.*f", decimals, x) }
	return f(s.median) + " (" + f(s.low) + "–" + f(s.high) + ")"
}

// over spreads what f makes of each round's measurements.
func (r *results) over(f func(round []measurement) float64) spread {
	var values []float64
	for _, round := range r.rounds {
		values = append(values, f(round))
	}
	return newSpread(values)
}
