package spec

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"e2etap/internal/traffic"

	"github.com/google/go-cmp/cmp"
)

func read2018(t *testing.T, file string) []traffic.Spec {
	t.Helper()
	at := Clock{Near: time.Date(2018, 6, 1, 0, 0, 0, 0, time.UTC)}
	specs, err := ReadLog(bytes.NewReader(unzip(t, "testdata/predecessor/"+file)), file, at)
	if err != nil {
		t.Fatal(err)
	}
	return specs
}

func TestExtractsSpecsLastUntilTheNextHeader(t *testing.T) {
	specs := read2018(t, "entries.log.gz")
	if diff := cmp.Diff(entries(t), testsOf(specs)); diff != "" {
		t.Errorf("names -want +got:\n%s", diff)
	}
	for i, s := range specs[:len(specs)-1] {
		if next := specs[i+1]; !s.End.Equal(next.Start) || s.Outcome != traffic.SpecUnknown {
			t.Errorf("%q ends at %s as %q, want %s and no outcome", s.Test, s.End, s.Outcome, next.Start)
		}
	}
	last := specs[len(specs)-1]
	want := [2]string{"2018-06-05T15:31:01.464945Z", "2018-06-05T15:31:18.814488Z"}
	if got := [2]string{last.Start.Format(time.RFC3339Nano), last.End.Format(time.RFC3339Nano)}; got != want {
		t.Errorf("the last spec lasts from and to %s, want %s", got, want)
	}
}

func testsOf(specs []traffic.Spec) []string {
	var list []string
	for _, s := range specs {
		list = append(list, s.Test)
	}
	return list
}

// TestTimesOfThe2018RunAreThePredecessors compares the times that the log's lines print with those at which the predecessor
// read the headers. A header is printed, the spec prints its first stamp, cut to milliseconds, and the predecessor reads the
// lines, with little between them: it was 0.7 to 6.2 ms.
func TestTimesOfThe2018RunAreThePredecessors(t *testing.T) {
	got := read2018(t, "lines.log.gz")[1:] // the first one has no entry
	want := read2018(t, "entries.log.gz")
	if diff := cmp.Diff(testsOf(want), testsOf(got)); diff != "" {
		t.Fatalf("names -want +got:\n%s", diff)
	}
	var late []time.Duration // by which the predecessor's time is later
	for i, s := range got {
		late = append(late, want[i].Start.Sub(s.Start))
		if s.End.After(want[i].End) || s.End.Before(s.Start) {
			t.Errorf("%q lasts from %s to %s, want an end before the next header, at %s", s.Test, s.Start, s.End, want[i].End)
		}
		if s.Duration > 0 && s.End.Sub(s.Start) > s.Duration+2*time.Millisecond {
			t.Errorf("%q lasts %s, want at most the %s that are printed", s.Test, s.End.Sub(s.Start), s.Duration)
		}
	}
	slices.Sort(late)
	if late[0] < 0 || late[len(late)-1] > 10*time.Millisecond {
		t.Errorf("the predecessor's times are %s to %s later, want 0 to 10ms", late[0], late[len(late)-1])
	}
}

func TestExtractsTimesAreOfTheClocksZone(t *testing.T) {
	entry := `{"timestamp": "2018-06-05T03:34:03.5", "lines": ["S", "[sig-network] Services ", "  should check", "  /src/service.go:1"]}`
	specs, err := ReadLog(strings.NewReader(entry), "e2e.log", Clock{Location: zone(t, "Europe/Berlin")})
	want := []traffic.Spec{{
		Test: "[sig-network] Services should check", Location: "src/service.go:1",
		Start: time.Date(2018, 6, 5, 1, 34, 3, 5e8, time.UTC), // and no end, as nothing follows
	}}
	if diff := cmp.Diff(want, specs); err != nil || diff != "" {
		t.Errorf("error %v; -want +got:\n%s", err, diff)
	}
}

func TestBadLineOfAnExtractIsAnError(t *testing.T) {
	good := `{"timestamp": "2018-06-05T03:34:03.5", "lines": []}` + "\n"
	for line, want := range map[string]string{
		`{"timestamp": "yesterday", "lines": []}`: `log e2e.log: line 2: timestamp "yesterday", want one like`,
		`{"timestamp": `: "log e2e.log: line 2: unexpected end of JSON input",
	} {
		if _, err := ReadLog(strings.NewReader(good+line), "e2e.log", june); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", line, err, want)
		}
	}
}
