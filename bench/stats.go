//go:build linux

package main

import (
	"time"

	"e2etap/bench/internal/figures"
)

// percentile of sorted durations; 0 of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// over spreads what f makes of each round's measurements.
func (r *results) over(f func(round []measurement) float64) figures.Spread {
	var values []float64
	for _, round := range r.rounds {
		values = append(values, f(round))
	}
	return figures.NewSpread(values)
}
