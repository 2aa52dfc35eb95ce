package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// results are specs of a file, a second long each from a time on; of outcome passed.
func results(from time.Time, tests ...string) []traffic.Spec {
	var specs []traffic.Spec
	for i, test := range tests {
		at := from.Add(time.Duration(i) * time.Second)
		specs = append(specs, traffic.Spec{
			Test: test, Told: traffic.ToldResults, Start: at, End: at.Add(time.Second), Duration: time.Second, Outcome: traffic.SpecPassed,
		})
	}
	return specs
}

// untimed are specs of a file without times, as JUnit has them.
func untimed(outcome traffic.SpecOutcome, tests ...string) []traffic.Spec {
	var specs []traffic.Spec
	for _, test := range tests {
		specs = append(specs, traffic.Spec{Test: test, Told: traffic.ToldResults, Duration: time.Minute, Outcome: outcome, Location: "a.go:1"})
	}
	return specs
}

// edited is a run of ten seconds with the specs told before, and one request that names "named".
func edited(t *testing.T, told ...traffic.Spec) (*db.Editor, db.RunInfo) {
	t.Helper()
	h := newHistory(t)
	for _, s := range told {
		h.spec(s)
	}
	h.request(h.connect(h.process(nil, "e2e.test")), agentOf("named"), "ns")
	h.now = h.now.Add(10 * time.Second)
	return h.edit()
}

// stored lists a run's specs as "told test outcome start end", times as seconds after its start.
func stored(t *testing.T, e *db.Editor, run db.RunInfo) []string {
	t.Helper()
	_, specs, err := e.Known(run.ID)
	if err != nil {
		t.Fatal(err)
	}
	second := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return fmt.Sprint(at.Sub(start).Seconds())
	}
	var lines []string
	for _, s := range specs {
		lines = append(lines, fmt.Sprintf("%v %s %v %s %s", s.Told, s.Test+s.Node, s.Outcome, second(s.Start), second(s.End)))
	}
	return lines
}

func importInto(t *testing.T, e *db.Editor, run db.RunInfo, specs []traffic.Spec) Imported {
	t.Helper()
	got, err := Import(e, run, "r.json", specs)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestResultsTakeThePlaceOfOutput(t *testing.T) {
	e, run := edited(t,
		traffic.Spec{Test: "a", Told: traffic.ToldOutput, Start: start, End: start.Add(2 * time.Second)},
		traffic.Spec{Test: "a", Told: traffic.ToldMark, Start: start.Add(time.Second)},
		traffic.Spec{Test: "only printed", Told: traffic.ToldOutput, Start: start},
	)
	got := importInto(t, e, run, append(results(start.Add(time.Second), "a", "b"), traffic.Spec{
		Node: "BeforeSuite", Told: traffic.ToldResults, Start: start, End: start, Outcome: traffic.SpecPassed,
	}))
	want := Imported{Specs: 3, Nodes: 1, Outcomes: map[traffic.SpecOutcome]int{traffic.SpecPassed: 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"mark a  1 -", "output only printed  0 -", "results a passed 1 2", "results b passed 2 3", "results BeforeSuite passed 0 0",
	}, stored(t, e, run)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestResultsThatAreImportedTwiceAddNothing(t *testing.T) {
	for name, specs := range map[string][]traffic.Spec{
		"with times":    results(start, "a", "b", "a"),
		"without times": untimed(traffic.SpecFailed, "named", "b", "named"),
	} {
		t.Run(name, func(t *testing.T) {
			e, run := edited(t, traffic.Spec{Test: "b", Told: traffic.ToldOutput, Start: start})
			first := importInto(t, e, run, specs)
			once := stored(t, e, run)
			second := importInto(t, e, run, specs)
			if diff := cmp.Diff(once, stored(t, e, run)); diff != "" {
				t.Errorf("-once +twice\n%s", diff)
			}
			if diff := cmp.Diff(first, second); diff != "" || first.SameName != 1 || len(once) != 3 {
				t.Errorf("%+v, want 3 specs, one of another's name, both times\n%s", first, diff)
			}
		})
	}
}

func TestResultsWithoutTimesCompleteWhatIsKnown(t *testing.T) {
	for _, told := range []traffic.Told{traffic.ToldOutput, traffic.ToldMark} {
		t.Run(told.String(), func(t *testing.T) {
			e, run := edited(t, traffic.Spec{
				Test: "a", Told: told, Start: start, End: start.Add(time.Second), Duration: time.Second, Attempts: 2, Labels: []string{"slow"},
			})
			importInto(t, e, run, untimed(traffic.SpecFailed, "a"))
			_, specs, err := e.Known(run.ID)
			if err != nil || len(specs) != 1 {
				t.Fatalf("%d specs, %v; want one", len(specs), err)
			}
			want := traffic.Spec{
				ID: specs[0].ID, Test: "a", Told: told, Start: start, End: start.Add(time.Second), Duration: time.Minute,
				Outcome: traffic.SpecFailed, Attempts: 2, Labels: []string{"slow"}, Location: "a.go:1",
			}
			if diff := cmp.Diff(want, *specs[0]); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestOnlySpecsInTheRunsTimeAreImported(t *testing.T) {
	e, run := edited(t)
	specs := append(results(start.Add(-time.Minute), "before"), results(start.Add(-time.Second), "nearly before", "in")...)
	specs = append(specs, results(run.End.Add(time.Second), "nearly after", "after")...)
	if got := importInto(t, e, run, specs); got.Specs != 3 || got.Outside != 2 {
		t.Errorf("%+v, want 3 specs and 2 outside", got)
	}
	var tests []string
	for _, line := range stored(t, e, run) {
		tests = append(tests, strings.TrimSuffix(strings.TrimPrefix(line, "results "), " passed")[:6])
	}
	if diff := cmp.Diff([]string{"nearly", "in pas", "nearly"}, tests); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestResultsOfAnotherRunAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		specs []traffic.Spec
		want  []string
	}{
		"by their times": {results(start.Add(time.Hour), "named"), []string{
			"results r.json: their specs ran from 2026-03-01 13:00:00Z to 2026-03-01 13:00:01Z, but run-1 went on from 2026-03-01 12:00:00Z to ",
			"hint: name the run with --run"}},
		"by their names": {untimed(traffic.SpecPassed, "x", "y"), []string{
			"results r.json: none of their 2 tests is in run-1, and they have no times", "hint: name the run with --run"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, run := edited(t, results(start, "a")...)
			before := stored(t, e, run)
			_, err := Import(e, run, "r.json", tt.specs)
			for _, words := range tt.want {
				if err == nil || !strings.Contains(err.Error(), words) {
					t.Errorf("got %v, want %q in it", err, words)
				}
			}
			if diff := cmp.Diff(before, stored(t, e, run)); diff != "" {
				t.Errorf("-before +after\n%s", diff)
			}
		})
	}
}

// Names are the tests' own business: all of them come back as they are.
func TestNamesOfResultsAreKept(t *testing.T) {
	names := []string{
		"[sig-cli] Kubectl -- should --unix-socket=/path -- x", `says "quoted" and 'single' \ back`, "two\nlines\tand a tab", "名前 ✓",
		strings.Repeat("0123456789", 500),
	}
	e, run := edited(t)
	importInto(t, e, run, results(start, names...))
	_, specs, err := e.Known(run.ID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range specs {
		got = append(got, s.Test)
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// ginkgoReport is a JSON report as ginkgo writes it.
func ginkgoReport(t *testing.T, tests ...string) []byte {
	t.Helper()
	var reports []map[string]any
	for i, test := range tests {
		at := start.Add(time.Duration(i) * time.Second)
		reports = append(reports, map[string]any{
			"LeafNodeType": "It", "LeafNodeText": test, "State": "passed", "StartTime": at, "EndTime": at.Add(time.Second), "RunTime": time.Second,
		})
	}
	b, err := json.Marshal([]any{map[string]any{"SuiteDescription": "suite", "SpecReports": reports}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadFileReadsResults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(file, ginkgoReport(t, "a", "two -- names"), 0o600); err != nil {
		t.Fatal(err)
	}
	specs, err := ReadFile(file, nil)
	if err != nil || len(specs) != 2 || specs[1].Test != "two -- names" || !specs[1].Start.Equal(start.Add(time.Second)) {
		t.Errorf("%+v, %v; want the two specs", specs, err)
	}
}

func TestReadFileReadsStandardInput(t *testing.T) {
	specs, err := ReadFile("-", bytes.NewReader(ginkgoReport(t, "a")))
	if err != nil || len(specs) != 1 || specs[0].Test != "a" {
		t.Errorf("%+v, %v; want the spec", specs, err)
	}
	if _, err := ReadFile("-", strings.NewReader("[{")); err == nil || !strings.Contains(err.Error(), "standard input") {
		t.Errorf("%v, want an error that names standard input", err)
	}
}

func TestReadFileRefusesAHalfWrittenReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.json")
	whole := ginkgoReport(t, "a", "b")
	if err := os.WriteFile(file, whole[:len(whole)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	specs, err := ReadFile(file, nil)
	if specs != nil || err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "ends in the middle") {
		t.Errorf("%d specs, %v; want none, and an error that names the file", len(specs), err)
	}
}

func TestReadFileNamesAFileThatDoesNotExist(t *testing.T) {
	if _, err := ReadFile("no/such.json", nil); err == nil || !strings.Contains(err.Error(), "open results: open no/such.json") {
		t.Errorf("%v", err)
	}
}
