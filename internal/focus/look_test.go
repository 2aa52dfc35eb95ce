package focus

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/conformance"
	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// of is what a test asks for in a phase: the list of a resource "a", whose operation is "listA".
type of struct {
	test, resource string
	phase          traffic.Phase
}

const (
	none    = traffic.PhaseUnknown
	setUp   = traffic.PhaseSetup
	body    = traffic.PhaseBody
	cleanUp = traffic.PhaseCleanup
)

// look records a run of a server with the resources a, b and c, and looks at it.
func look(t *testing.T, share float64, requests ...of) *Run {
	t.Helper()
	var ops []operation.Operation
	for _, name := range []string{"A", "B", "C"} {
		ops = append(ops, operation.Operation{ID: "list" + name, Method: "GET", Path: path(name), Group: "x", Version: "v1", Kind: name, Action: "list"})
	}
	document, err := operation.Encode(ops)
	check(t, err)
	file := filepath.Join(t.TempDir(), "e2e.db")
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rec, err := db.Create(file, traffic.Run{Start: start}, db.Options{})
	check(t, err)
	check(t, rec.SetOperations(document))
	for _, q := range requests {
		request := traffic.Request{
			Start: start, Method: "GET", Path: path(q.resource), Status: 404,
			API: traffic.API{Verb: "list", Group: "x", Version: "v1", Resource: q.resource},
		}
		if q.test != "" {
			request.Attribution = traffic.Attribution{Test: q.test, Source: traffic.SourceUserAgent, Phase: q.phase}
		}
		check(t, rec.Finish(&request))
	}
	check(t, rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}))
	r, err := db.OpenReader(file)
	check(t, err)
	t.Cleanup(func() { r.Close() })
	info, err := r.Run(db.LatestRun)
	check(t, err)
	run, err := coverage.Load(r, info)
	check(t, err)
	run.Judge(conformance.Lists{Tests: []conformance.Test{{Name: "test 0"}}})
	l, err := Look(r, run, share)
	check(t, err)
	return l
}

func path(resource string) string { return "/apis/x/v1/" + resource }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// byAll are requests of so many tests for a resource.
func byAll(tests int, resource string, phase traffic.Phase) (all []of) {
	for i := range tests {
		all = append(all, of{fmt.Sprintf("test %d", i), resource, phase})
	}
	return all
}

func TestNoise(t *testing.T) {
	twoInBody := append(byAll(4, "A", cleanUp), of{"test 0", "A", body}, of{"test 1", "A", body}, of{"test 4", "B", body})
	for name, test := range map[string]struct {
		share    float64
		requests []of
		noise    string // the operations
	}{
		"of all tests, outside of bodies":             {0.75, byAll(5, "A", setUp), "[listA 5]"},
		"of all tests, in their bodies":               {0.75, byAll(5, "A", body), "[]"},
		"of all tests, in both":                       {0.75, append(byAll(5, "A", body), byAll(5, "A", cleanUp)...), "[]"},
		"when they were over":                         {0.75, byAll(5, "A", traffic.PhaseAfter), "[listA 5]"},
		"outside of bodies of half of the tests":      {0.75, twoInBody, "[]"},
		"outside of bodies of more than half":         {0.75, append(twoInBody[:5:5], twoInBody[6]), "[listA 4]"},
		"without phases":                              {0.75, byAll(5, "A", none), "[listA 5]"},
		"while paused, which tells of no phase":       {0.75, byAll(5, "A", traffic.PhasePaused), "[listA 5]"},
		"of four tests":                               {0.75, byAll(4, "A", setUp), "[]"},
		"of as many tests as the share says":          {0.8, append(byAll(4, "A", setUp), of{"test 4", "B", body}), "[listA 4]"},
		"of fewer tests than the share says":          {0.81, append(byAll(4, "A", setUp), of{"test 4", "B", body}), "[]"},
		"where the share is 0":                        {0, byAll(5, "A", setUp), "[]"},
		"of requests without a test":                  {0.75, append(byAll(5, "A", body), of{"", "B", none}, of{"", "B", none}), "[]"},
		"those of the most tests first":               {0.75, append(byAll(5, "A", setUp), byAll(6, "B", setUp)...), "[listB 6 listA 5]"},
		"where only some tests have phases, by those": {0.75, append(byAll(1, "A", body), byAll(5, "A", none)...), "[]"},
	} {
		got := []string{}
		for _, op := range look(t, test.share, test.requests...).Noise() {
			got = append(got, fmt.Sprintf("%s %d", op.ID, len(op.Tests)))
		}
		if fmt.Sprint(got) != test.noise {
			t.Errorf("%s: %v is noise, want %s", name, got, test.noise)
		}
	}
}

func TestTestsAreInTheOrderOfTheirFocus(t *testing.T) {
	requests := append(byAll(6, "A", setUp),
		of{"test 0", "B", body}, of{"test 0", "B", body}, of{"test 1", "B", body}, of{"test 1", "C", body}, of{"test 1", "A", body}, of{"", "C", none})
	type counts struct {
		Name             string
		Conformance      bool
		Operations, Only []string
		Noise            int
		Requests         int64
	}
	var got []counts
	for _, test := range look(t, 0.75, requests...).Tests()[:3] {
		got = append(got, counts{test.Name, test.Conformance, IDs(test.Operations), IDs(test.Alone), test.Noise, test.Requests})
	}
	want := []counts{
		{Name: "test 1", Operations: []string{"listB", "listC"}, Only: []string{"listC"}, Noise: 1, Requests: 4},
		{Name: "test 2", Noise: 1, Requests: 1},
		{Name: "test 3", Noise: 1, Requests: 1},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	last := look(t, 0.75, requests...).Tests()[5]
	if last.Name != "test 0" || !last.Conformance || len(last.Operations) != 1 || len(last.Alone) != 0 {
		t.Errorf("%+v, want test 0 with listB, which it shares", last)
	}
}

func TestOperationsOfTheFewestTestsAreFirst(t *testing.T) {
	l := look(t, 0.75, append(byAll(6, "A", setUp), of{"test 0", "C", body}, of{"test 0", "A", body}, of{"test 1", "C", none}, of{"test 0", "B", body}, of{"", "B", none})...)
	var got []string
	for _, op := range l.Operations() {
		got = append(got, fmt.Sprintf("%s: %d tests, %d conformance, %d phased, %d outside, noise %v", op.ID, len(op.Tests), op.Conformance, op.Phased, op.Outside, op.Noise))
	}
	want := []string{
		"listB: 1 tests, 1 conformance, 1 phased, 0 outside, noise false",
		"listC: 2 tests, 1 conformance, 1 phased, 0 outside, noise false",
		"listA: 6 tests, 1 conformance, 6 phased, 5 outside, noise true",
	}
	if d := cmp.Diff(want, got); d != "" || l.Count != 6 || !l.HasPhase {
		t.Errorf("of %d tests, with phases: %v, -want +got:\n%s", l.Count, l.HasPhase, d)
	}
}
