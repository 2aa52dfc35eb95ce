package main

import (
	"testing"
	"time"
)

func TestClocksAreSaidToAgreeWhereTheyDo(t *testing.T) {
	for skew, want := range map[time.Duration]string{
		0: "the clocks agree", 49 * time.Microsecond: "the clocks agree", -49 * time.Microsecond: "the clocks agree",
		50 * time.Microsecond: "the API server's clock is 100µs ahead", -2 * time.Minute: "the API server's clock is 2m0s behind",
	} {
		if got := clocksText(skew); got != want {
			t.Errorf("%v: %q, want %q", skew, got, want)
		}
	}
}
