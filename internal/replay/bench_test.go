package replay

import (
	"flag"
	"testing"

	"e2etap/internal/traffic"
)

var requests = flag.Int("requests", 100_000, "in the recording that benchmarks read")

// BenchmarkRetag attributes a run that was recorded without attributions, so that each request's changes, and again, when none
// does.
func BenchmarkRetag(b *testing.B) {
	h := newHistory(b)
	h.suite(*requests)
	e, run := h.edit()
	for _, name := range []string{"all change", "none changes"} {
		b.Run(name, func(b *testing.B) {
			changed := 0
			for b.Loop() {
				var err error
				if changed, err = Retag(e, run, func(*traffic.Request) {}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(changed), "changed")
			b.ReportMetric(float64(*requests)*float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

func BenchmarkEvaluate(b *testing.B) {
	h := newHistory(b)
	h.suite(*requests)
	e, run := h.edit()
	for b.Loop() {
		if _, err := Evaluate(&e.Reader, run, func() {}, func(*Mistake) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(*requests)*float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
