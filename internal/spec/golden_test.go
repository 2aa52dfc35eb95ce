package spec

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"e2etap/internal/traffic"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

// outputs are captured outputs, each with its events beside it. testdata/README.md says how they were made.
var outputs = []string{
	"ginkgo1-parallel-v.log", "ginkgo1-quiet.log", "ginkgo1-v-plain.log", "ginkgo1-v.log",
	"ginkgo2-parallel-v-plain.log", "ginkgo2-parallel-vv.log", "ginkgo2-quiet-setup-fails.log", "ginkgo2-quiet.log",
	"ginkgo2-setup-fails.log",
	"ginkgo2-v-plain.log", "ginkgo2-v.log", "ginkgo2-vv-focus-plain.log", "ginkgo2-vv-focus.log",
	"ginkgo2-vv-plain.log", "ginkgo2-vv.log",
	"gotest-ginkgo.json", "gotest-ginkgo.log", "gotest-panic.log", "gotest-quiet.log", "gotest-v.log", "gotest.json",
	"bats.tap",
}

// results are files of results, each with its specs beside it.
var results = []string{
	"bats.tap", "bats.xml", "ginkgo2-v.log", "gotest.json", "gotestsum.xml", "report-parallel.json", "report.json",
	"report.xml",
}

func TestScannerFindsSpecsInCapturedOutput(t *testing.T) {
	for _, name := range outputs {
		t.Run(name, func(t *testing.T) {
			golden(t, name+".events", scanLines(t, readTestdata(t, name)))
		})
	}
}

func TestReadResultsFindsSpecs(t *testing.T) {
	for _, name := range results {
		t.Run(name, func(t *testing.T) {
			specs, err := ReadResults(bytes.NewReader(readTestdata(t, name)), name)
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			for _, spec := range specs {
				fmt.Fprintf(&text, "%s\n", describe(spec))
				if spec.Told != traffic.ToldResults {
					t.Errorf("%q is told by %s, want results", spec.Test, spec.Told)
				}
			}
			golden(t, name+".specs", text.String())
		})
	}
}

// scanLines reads the output with one more second on the clock for each line, so that the times in the text that it
// returns are numbers of lines.
func scanLines(t *testing.T, output []byte) string {
	t.Helper()
	var text strings.Builder
	scanner := NewScanner(func(e Event) {
		fmt.Fprintf(&text, "%d %s @%s %s\n", e.Key, e.Kind, clock(e.At), describe(e.Spec))
	})
	at := time.Unix(0, 0)
	for line := range bytes.Lines(output) {
		at = at.Add(time.Second)
		scanner.Scan(line, at)
	}
	scanner.Close(at.Add(time.Second))
	fmt.Fprintf(&text, "parallel: %t\n", parallel(t, output))
	return text.String()
}

// parallel tells whether a Scanner has learned from the output that specs run in parallel processes: it then tells only the end of
// a spec that comes next.
func parallel(t *testing.T, output []byte) bool {
	t.Helper()
	var kinds []Kind
	scanner := NewScanner(func(e Event) {
		if e.Spec.Test == "Next runs" {
			kinds = append(kinds, e.Kind)
		}
	})
	scanner.Scan(output, noon)
	scanner.Scan([]byte("\nRunning Suite: next - /next\n"+delimiter+"\nNext runs\n/next/next_test.go:1\n• [0.000 seconds]\n"), noon)
	switch {
	case slices.Equal(kinds, []Kind{Started, Ended}):
		return false
	case slices.Equal(kinds, []Kind{Ended}):
		return true
	}
	t.Errorf("events of the next spec %v, want its end and perhaps its start before", kinds)
	return false
}

// describe writes all that is known of a spec into one line.
func describe(spec traffic.Spec) string {
	var parts []string
	add := func(key string, value any) {
		if text := fmt.Sprint(value); text != "" && text != "0" && text != "0s" {
			parts = append(parts, key+"="+text)
		}
	}
	add("node", spec.Node)
	add("worker", spec.Worker)
	add("start", clock(spec.Start))
	add("end", clock(spec.End))
	add("outcome", spec.Outcome)
	add("took", spec.Duration)
	add("attempts", spec.Attempts)
	add("labels", strings.Join(spec.Labels, ","))
	add("at", spec.Location)
	for _, phase := range spec.Phases {
		add(fmt.Sprintf("%s#%d", phase.Phase, phase.Attempt), clock(phase.At))
	}
	return fmt.Sprintf("%q %s", spec.Test, strings.Join(parts, " "))
}

func clock(at time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case at.Year() > 1970:
		return at.UTC().Format("15:04:05.000000")
	case at.Nanosecond() > 0:
		return fmt.Sprintf("%.3f", float64(at.UnixNano())/1e9)
	}
	return fmt.Sprint(at.Unix())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); run with -update if it should:\n%s", path, diff)
	}
}

func readTestdata(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}
