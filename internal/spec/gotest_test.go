package spec

import (
	"strings"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

// lastOf scans lines, each a second after the one before, and returns the last event of the test.
func lastOf(t *testing.T, test string, lines ...string) Event {
	t.Helper()
	var last Event
	scanner := NewScanner(func(e Event) {
		if e.Spec.Test == test {
			last = e
		}
	})
	for i, line := range lines {
		scanner.Scan([]byte(line+"\n"), noon.Add(time.Duration(i)*time.Second))
	}
	if last.Key == 0 {
		t.Fatalf("no event of %s", test)
	}
	return last
}

func TestSubtestEndsBeforeItsResultIsPrinted(t *testing.T) {
	got := lastOf(t, "TestA/x", "=== RUN   TestA", "=== RUN   TestA/x", "a log", "a log", "--- PASS: TestA (3.00s)",
		"    --- PASS: TestA/x (1.00s)")
	if want := noon.Add(2*time.Second + rounding); !got.Spec.End.Equal(want) {
		t.Errorf("ended at %s, want %s: a second after its start", got.Spec.End, want)
	}
}

func TestSubtestIsOverWhenTheNextBegins(t *testing.T) {
	got := lastOf(t, "TestA/x", "=== RUN   TestA", "=== RUN   TestA/x", "=== RUN   TestA/y")
	if got.Kind != Paused || !got.At.Equal(noon.Add(2*time.Second)) {
		t.Errorf("last event is %s at %s, want paused when the next one begins", got.Kind, got.At)
	}
}

func TestSubtestEndedBeforeTheNextBegan(t *testing.T) {
	got := lastOf(t, "TestA/x", "=== RUN   TestA", "=== RUN   TestA/x", "=== RUN   TestA/y", "a log",
		"--- PASS: TestA (3.00s)", "    --- PASS: TestA/x (0.00s)")
	if want := noon.Add(2 * time.Second); !got.Spec.End.Equal(want) {
		t.Errorf("ended at %s, want %s, when the next one begins", got.Spec.End, want)
	}
}

func TestParentGoesOnWhenItPrints(t *testing.T) {
	got := lastOf(t, "TestA", "=== RUN   TestA", "=== RUN   TestA/x", "=== NAME  TestA")
	if got.Kind != Continued {
		t.Errorf("last event is %s, want continued", got.Kind)
	}
}

func TestParentWaitsForAllItsParallelSubtests(t *testing.T) {
	const event = `{"Time":"2026-01-02T12:00:00Z","Action":"%","Package":"p","Test":"T"}`
	line := func(action, test string) string {
		return strings.Replace(strings.Replace(event, "%", action, 1), `"T"`, `"`+test+`"`, 1)
	}
	lines := []string{
		line("run", "T"), line("run", "T/x"), line("pause", "T/x"), line("run", "T/y"), line("pause", "T/y"),
		line("cont", "T/x"), line("cont", "T/y"), line("pass", "T/x"),
	}
	if got := lastOf(t, "p.T", lines...); got.Kind != Paused {
		t.Errorf("after one of two subtests the parent is %s, want paused", got.Kind)
	}
	if got := lastOf(t, "p.T", append(lines, line("pass", "T/y"))...); got.Kind != Continued {
		t.Errorf("after both subtests the parent is %s, want continued", got.Kind)
	}
}

func TestJSONEventsHaveTheirOwnTimes(t *testing.T) {
	got := lastOf(t, "p.TestA", `{"Time":"2026-01-02T11:00:00Z","Action":"run","Package":"p","Test":"TestA"}`,
		`{"Time":"2026-01-02T11:00:02Z","Action":"fail","Package":"p","Test":"TestA","Elapsed":1.5}`)
	want := noon.Add(-time.Hour)
	if !got.Spec.Start.Equal(want) || !got.Spec.End.Equal(want.Add(2*time.Second)) || got.Spec.Duration != 1500*time.Millisecond {
		t.Errorf("%s to %s, took %s, want the times of the events", got.Spec.Start, got.Spec.End, got.Spec.Duration)
	}
}

func TestPackageEndInterruptsItsTests(t *testing.T) {
	got := lastOf(t, "TestA", "=== RUN   TestA", "panic: oh", "FAIL\texample.test/p\t0.1s")
	if got.Kind != Ended || got.Spec.Outcome != traffic.SpecInterrupted {
		t.Errorf("%s, %s, want ended as interrupted", got.Kind, got.Spec.Outcome)
	}
}

func TestTestRunsAgainWithCount(t *testing.T) {
	run := "=== RUN   TestA\n--- PASS: TestA (0.00s)\n"
	events := scan(run + run)
	if len(events) != 4 || events[0].Key == events[2].Key {
		t.Errorf("events %v, want two executions", events)
	}
}

func TestOpenTestsAreBounded(t *testing.T) {
	scanner := NewScanner(func(Event) {})
	for i := range maxTests + 100 {
		scanner.goTest.run(testKey{"", time.Duration(i).String()}, noon)
	}
	if n := len(scanner.goTest.tests); n > maxTests {
		t.Errorf("%d tests are kept, want at most %d", n, maxTests)
	}
}
