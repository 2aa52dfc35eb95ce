package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"e2etap/internal/traffic"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// scan reads the output in one piece and returns its events.
func scan(output string) []Event {
	var events []Event
	scanner := NewScanner(func(e Event) { events = append(events, e) })
	scanner.Scan([]byte(output), noon)
	scanner.Close(noon.Add(time.Hour))
	return events
}

// names returns the tests that ended, in order.
func names(events []Event) []string {
	var list []string
	for _, e := range events {
		if e.Kind == Ended {
			list = append(list, e.Spec.Test)
		}
	}
	return list
}

const (
	plainHeader = delimiter + "\n[sig-x] Pods should run [sig-x]\n/src/test/e2e/pods.go:12\n"
	colorHeader = "\x1b[38;5;243m" + delimiter + "\x1b[0m\n" +
		"\x1b[0m[sig-x] Pods \x1b[0m\x1b[1mshould run\x1b[0m \x1b[38;5;204m[sig-x]\x1b[0m\n" +
		"\x1b[38;5;243m/src/test/e2e/pods.go:12\x1b[0m\n"
	passed = "• [0.010 seconds]\n"
)

func TestStartIsToldWhenTheLocationsLineEnds(t *testing.T) {
	first := plainHeader + "log of the first spec\n" + passed // tells that the verbosity is -v
	for name, header := range map[string]string{"plain": plainHeader, "coloured": colorHeader} {
		t.Run(name, func(t *testing.T) {
			var events []Event
			scanner := NewScanner(func(e Event) { events = append(events, e) })
			scanner.Scan([]byte(first), noon)
			before := len(events)
			end := len(header) - 1
			scanner.Scan([]byte(header[:end]), noon)
			if len(events) != before {
				t.Errorf("%v was told before the location's line ended", events[before:])
			}
			scanner.Scan([]byte(header[end:]), noon.Add(time.Second))
			if len(events) != before+1 {
				t.Fatalf("%d events after the header, want 1", len(events)-before)
			}
			want := traffic.Spec{
				Test: "[sig-x] Pods should run", Start: noon, Labels: []string{"sig-x"}, Location: "test/e2e/pods.go:12",
			}
			if diff := cmp.Diff(want, events[before].Spec); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestEndTellsTimeOfTheLinesFirstByte(t *testing.T) {
	var last Event
	scanner := NewScanner(func(e Event) { last = e })
	scanner.Scan([]byte(colorHeader), noon)
	scanner.Scan([]byte("•"), noon.Add(time.Second))
	scanner.Scan([]byte(" [FAILED] [1.010 seconds]\n"), noon.Add(time.Minute))
	if want := noon.Add(time.Second); last.Kind != Ended || !last.Spec.End.Equal(want) || !last.At.Equal(want) {
		t.Errorf("%s at %s, ended at %s, want %s", last.Kind, last.At, last.Spec.End, want)
	}
	if last.Spec.Outcome != traffic.SpecFailed || last.Spec.Duration != 1010*time.Millisecond {
		t.Errorf("outcome %s after %s, want failed after 1.01s", last.Spec.Outcome, last.Spec.Duration)
	}
}

func TestCloseInterruptsSpecsThatRun(t *testing.T) {
	events := scan("=== RUN   TestE2E\n" + colorHeader + "log")
	var got []string
	for _, e := range events {
		if e.Kind == Ended {
			got = append(got, fmt.Sprint(e.Spec.Test, " ", e.Spec.Outcome, " ", e.At.Sub(noon)))
		}
	}
	want := []string{"[sig-x] Pods should run interrupted 1h0m0s", "TestE2E interrupted 1h0m0s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSpecsOfOneNameAreTwoSpecs(t *testing.T) {
	events := scan(colorHeader + passed + colorHeader + passed)
	var keys []int64
	for _, e := range events {
		keys = append(keys, e.Key)
	}
	if diff := cmp.Diff([]int64{1, 1, 2, 2}, keys); diff != "" {
		t.Errorf("keys -want +got:\n%s", diff)
	}
}

func TestSpecWithoutEndIsEndedByTheNextOne(t *testing.T) {
	events := scan(colorHeader + "the end is lost\n" + colorHeader + passed)
	if len(events) != 4 || events[1].Kind != Ended || events[1].Spec.Outcome != traffic.SpecUnknown {
		t.Fatalf("events %v, want the first spec to end with an unknown outcome", events)
	}
}

func TestEndIsFoundBehindTextWithoutALineEnd(t *testing.T) {
	events := scan(colorHeader + "dots...\x1b[38;5;10m" + passed)
	if len(events) != 2 || events[1].Spec.Outcome != traffic.SpecPassed {
		t.Errorf("events %v, want a start and a pass", events)
	}
}

func TestDelimiterIsFoundBehindTextWithoutALineEnd(t *testing.T) {
	if got := names(scan("dots..." + colorHeader + passed)); len(got) != 1 {
		t.Errorf("specs %q, want one", got)
	}
}

func TestLineFromElsewhereMayComeBeforeAHeader(t *testing.T) {
	output := strings.Replace(colorHeader, "\x1b[0m\n", "\x1b[0m\nW0102 12:00:00 a warning of standard error\n", 1)
	if diff := cmp.Diff([]string{"[sig-x] Pods should run"}, names(scan(output))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNameOf16KiBIsRead(t *testing.T) {
	name := strings.Repeat("abcdefg ", 2<<10) + "end"
	got := names(scan(strings.Replace(colorHeader, "should run", name, 1)))
	if diff := cmp.Diff([]string{"[sig-x] Pods " + name}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLineBeyondTheLimitIsSkipped(t *testing.T) {
	afterDelimiter := colorHeader[strings.Index(colorHeader, "\n")+1:]
	long := []byte(strings.Repeat("x", maxLine) + delimiter + "\n" + afterDelimiter)
	for _, size := range []int{1000, len(long)} {
		var events []Event
		scanner := NewScanner(func(e Event) { events = append(events, e) })
		for piece := range slices.Chunk(long, size) {
			scanner.Scan(piece, noon)
		}
		if cap(scanner.line) > 2*maxLine {
			t.Errorf("%d bytes are kept of a line, want at most %d", cap(scanner.line), 2*maxLine)
		}
		if len(events) > 0 {
			t.Errorf("in pieces of %d: %v is told of a delimiter in a line that is too long", size, events)
		}
		scanner.Scan([]byte(colorHeader), noon)
		if len(events) != 1 {
			t.Errorf("in pieces of %d: events %v, want the spec after the long line", size, events)
		}
	}
}

func TestEmptyContainerHasALevel(t *testing.T) {
	output := delimiter + "\npods\na_test.go:1\n\n  a_test.go:2\n    run\n    a_test.go:3\n  > Enter [It] run - a_test.go:3 @ now\n"
	if diff := cmp.Diff([]string{"pods  run"}, names(scan(output))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLeafWithoutContainersDoesNotHideThatLevelsArePrinted(t *testing.T) {
	deep := delimiter + "\npods\na_test.go:1\n  run\n  a_test.go:3\n" + passed
	output := deep + delimiter + "\nstands alone\na_test.go:9\n" + passed + deep
	if diff := cmp.Diff([]string{"pods run", "stands alone", "pods run"}, names(scan(output))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestHeaderWithoutANameTellsNothing(t *testing.T) {
	if events := scan(delimiter + "\n\x1b[1m\x1b[0m[sig-x]\na_test.go:1\n" + passed); len(events) > 0 {
		t.Errorf("events %v, want none", events)
	}
}

func TestCarriageReturnsAndNULsAreNoHindrance(t *testing.T) {
	output := "\x00\x00\x00\n" + strings.ReplaceAll(colorHeader+passed, "\n", "\r\n")
	events := scan(output)
	if len(events) != 2 || events[0].Spec.Test != "[sig-x] Pods should run" || events[0].Spec.Location != "test/e2e/pods.go:12" {
		t.Errorf("events %v, want one spec's", events)
	}
}

func TestLogLinesAllocateNothing(t *testing.T) {
	scanner := NewScanner(func(Event) {})
	scanner.Scan([]byte(colorHeader), noon)
	log := []byte("  \x1b[1mSTEP:\x1b[0m wait \x1b[38;5;243m@ 12:00\x1b[0m\nI0102 12:00 a line\n  more of [it]\n\x1b[32mgreen\x1b[0m\n")
	if n := testing.AllocsPerRun(100, func() { scanner.Scan(log, noon) }); n > 0 {
		t.Errorf("%g allocations for log lines, want none", n)
	}
}

func TestRulesAndPointsInLogsTellNothing(t *testing.T) {
	const output = "-------------------------------------------\n[sig-x] Pods should run\npods.go:12\n" + // a longer rule
		"  " + delimiter + "\n[sig-x] Pods should run\npods.go:12\n" + // of a progress report
		"ok 1 pod runs\n{\"Action\":\"none\"}\n{broken\n=== not go test\n--- FAIL\n• an item\n+ another\n[BeforeSuite] PASSED\n"
	if events := scan(output); len(events) > 0 {
		t.Errorf("events %v, want none", events)
	}
}

func TestBannersTellOfParallelProcesses(t *testing.T) {
	for line, want := range map[string]bool{
		"Running in parallel across 4 processes":                                 true,
		"Running in parallel across \x1b[1m4\x1b[0m nodes":                       true,
		"Parallel test node 1/4.":                                                true,
		"[1795533626] \x1b[1mA suite\x1b[0m - 13/14 specs - 4 procs •••SUCCESS!": true,
		"[1795533626] A suite - 13/14 specs •••SUCCESS!":                         false,
	} {
		if got := parallel(t, []byte(line+"\n")); got != want {
			t.Errorf("%q: parallel is %t, want %t", line, got, want)
		}
	}
}
