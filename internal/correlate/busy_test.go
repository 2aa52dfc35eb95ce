package correlate

import (
	"testing"
	"time"

	"e2etap/internal/traffic"
)

func TestBusyIsWhileAnySpecRuns(t *testing.T) {
	b := busyTimes([]*traffic.Spec{
		specOf("B", 20, 30), specOf("A", 10, 40), specOf("C", 40, 45), specOf("D", 60, 70), {Test: "open", Start: at(0)}, {Test: "unknown", End: at(100)},
	}, Clock{})
	for second, want := range map[float64]bool{9.9: false, 10: true, 35: true, 42: true, 45: true, 45.1: false, 59.9: false, 65: true, 70.1: false} {
		if got := b.at(at(second)); got != want {
			t.Errorf("at %v s: %v, want %v", second, got, want)
		}
	}
}

func TestBusyIsByTheServersClockAndItsUncertainty(t *testing.T) {
	b := busyTimes([]*traffic.Spec{specOf("A", 10, 20)}, Clock{Skew: time.Minute, Uncertainty: time.Second})
	for second, want := range map[float64]bool{15: false, 68.9: false, 69: true, 81: true, 81.1: false} {
		if got := b.at(at(second)); got != want {
			t.Errorf("at %v s: %v, want %v", second, got, want)
		}
	}
}

func TestWithoutSpecsAllTimesAreBusy(t *testing.T) {
	if !busyTimes(nil, Clock{}).at(at(1)) {
		t.Error("not busy, though nothing is known of any spec")
	}
}
