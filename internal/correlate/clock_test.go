package correlate

import (
	"fmt"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at is a moment in seconds since the start of a run, by whichever clock.
func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func specOf(test string, from, to float64) *traffic.Spec {
	return &traffic.Spec{Test: test, Told: traffic.ToldResults, Start: at(from), End: at(to)}
}

func spanOf(from, to float64) span { return span{at(from), at(to)} }

func once(from, to float64) []span { return []span{spanOf(from, to)} }

func wantClock(t *testing.T, got, want Clock) {
	t.Helper()
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Its first request came at 11 or later, and its last one at 19 or before, by the specs' clock: 1 to 5 seconds ahead.
func TestTheSkewIsTheMiddleOfWhatIsPossible(t *testing.T) {
	got := findClock([]*traffic.Spec{specOf("A", 10, 20)}, map[string][]span{"A": once(15, 21)})
	wantClock(t, got, Clock{Skew: seconds(3), Uncertainty: seconds(2), Tests: 1, Agree: 1})
}

func TestEachTestNarrowsTheSkew(t *testing.T) {
	specs := []*traffic.Spec{specOf("A", 10, 20), specOf("B", 20, 30)}
	got := findClock(specs, map[string][]span{"A": once(15, 21), "B": once(21.5, 31.5)})
	wantClock(t, got, Clock{Skew: seconds(1.5), Uncertainty: time.Millisecond, Tests: 2, Agree: 2})
}

func TestAServerMayBeBehind(t *testing.T) {
	got := findClock([]*traffic.Spec{specOf("A", 10, 20)}, map[string][]span{"A": once(5, 9)})
	wantClock(t, got, Clock{Skew: seconds(-8), Uncertainty: seconds(3), Tests: 1, Agree: 1})
}

// Where all is known to the nanosecond, what specs print is not.
func TestTheUncertaintyIsAMillisecondAtLeast(t *testing.T) {
	got := findClock([]*traffic.Spec{specOf("A", 10, 20)}, map[string][]span{"A": once(12, 22)})
	wantClock(t, got, Clock{Skew: seconds(2), Uncertainty: time.Millisecond, Tests: 1, Agree: 1})
}

// A goroutine that outlives its spec sends requests that name it.
func TestLateRequestsOfAFewTestsAreOutvoted(t *testing.T) {
	var specs []*traffic.Spec
	spans := map[string][]span{}
	for i := range 5 {
		name, from := fmt.Sprint(i), float64(10*i)
		specs = append(specs, specOf(name, from, from+10))
		spans[name] = once(from+1.5, from+10.5)
	}
	spans["3"] = once(31.5, 95)
	wantClock(t, findClock(specs, spans), Clock{Skew: seconds(1), Uncertainty: seconds(0.5), Tests: 5, Agree: 4})
}

func TestATestThatRanTwiceTellsNothing(t *testing.T) {
	specs := []*traffic.Spec{specOf("A", 10, 20), specOf("A", 30, 40), specOf("B", 20, 30)}
	spans := map[string][]span{"A": once(10, 20), "B": once(24, 30)}
	wantClock(t, findClock(specs, spans), Clock{Skew: seconds(2), Uncertainty: seconds(2), Tests: 1, Agree: 1})
}

func TestOnlySpecsWithBothTimesAndRequestsTellOfTheClock(t *testing.T) {
	open, unknown := specOf("A", 10, 20), specOf("B", 10, 20)
	open.End, unknown.Start = time.Time{}, time.Time{}
	node := specOf("", 10, 20)
	specs := []*traffic.Spec{open, unknown, node, specOf("not asked", 10, 20)}
	got := findClock(specs, map[string][]span{"A": once(11, 12), "B": once(11, 12), "not run": once(1, 2)})
	wantClock(t, got, Clock{Uncertainty: 50 * time.Millisecond})
}

func TestALogOfAnotherTimeZoneIsHoursAway(t *testing.T) {
	specs := []*traffic.Spec{specOf("A", 10, 20), specOf("B", 20, 30)}
	const zone = 2 * 3600
	got := findClock(specs, map[string][]span{"A": once(zone+10.5, zone+19.5), "B": once(zone+20.5, zone+29.5)})
	wantClock(t, got, Clock{Skew: 2 * time.Hour, Uncertainty: seconds(0.5), Tests: 2, Agree: 2})
}

// Two tests that do not fit together: the clocks are the likelier equal the less they differ.
func TestOfSeveralSkewsTheOneNearestToNoneIsTaken(t *testing.T) {
	specs := []*traffic.Spec{specOf("A", 10, 20), specOf("B", 20, 30), specOf("C", 30, 40)}
	spans := map[string][]span{"A": once(110, 118), "B": once(17, 26), "C": once(-70, -62)}
	wantClock(t, findClock(specs, spans), Clock{Skew: seconds(-3.5), Uncertainty: seconds(0.5), Tests: 3, Agree: 1})
}

func TestOfSkewsOfWhichOneIsNoneItIsTaken(t *testing.T) {
	specs := []*traffic.Spec{specOf("A", 10, 20), specOf("B", 20, 30)}
	spans := map[string][]span{"A": once(11, 18), "B": once(1, 8)}
	wantClock(t, findClock(specs, spans), Clock{Skew: seconds(-0.5), Uncertainty: seconds(1.5), Tests: 2, Agree: 1})
}

// Results may say so: a clock that was set back while the spec ran.
func TestASpecThatEndsBeforeItBeginsTellsNothing(t *testing.T) {
	specs := []*traffic.Spec{specOf("A", 20, 10)}
	wantClock(t, findClock(specs, map[string][]span{"A": once(11, 12)}), Clock{Uncertainty: 50 * time.Millisecond})
}

// The log has an earlier run of the same tests, too.
func TestAnotherRunOfTheTestsDoesNotBlurTheClock(t *testing.T) {
	specs := []*traffic.Spec{specOf("A", 110, 120), specOf("B", 120, 130)}
	spans := map[string][]span{
		"A": {spanOf(10.5, 19.5), spanOf(110.5, 119.5)},
		"B": {spanOf(24, 26), spanOf(120.5, 129.5)},
	}
	wantClock(t, findClock(specs, spans), Clock{Uncertainty: seconds(0.5), Tests: 2, Agree: 2})
}
