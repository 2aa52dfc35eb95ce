// Package figures has what the results of benchmarks have in common: what rounds said of one thing, and the conditions that they
// were measured in. It measures nothing.
package figures

import (
	"fmt"
	"slices"
)

// Spread is what the rounds said of one thing.
type Spread struct{ Median, Low, High float64 }

// NewSpread takes at least one value.
func NewSpread(values []float64) Spread {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return Spread{Median: (v[(n-1)/2] + v[n/2]) / 2, Low: v[0], High: v[n-1]}
}

// Format writes "44.1 (43.0–47.9)".
func (s Spread) Format(decimals int) string {
	f := func(x float64) string { return fmt.Sprintf("%.*f", decimals, x) }
	return f(s.Median) + " (" + f(s.Low) + "–" + f(s.High) + ")"
}
