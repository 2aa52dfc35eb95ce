package digest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// recorder writes a run for a test.
type recorder struct {
	t   *testing.T
	rec *db.Recorder
}

// ask records n requests of a test, each of which took some milliseconds.
func (r *recorder) ask(test string, n, status, ms int) {
	r.t.Helper()
	for range n {
		q := traffic.Request{
			Connection: 1, Start: start, Duration: time.Duration(ms) * time.Millisecond, Method: "GET", Path: "/api/v1/pods", Status: status,
			API:         traffic.API{Verb: "get", Version: "v1", Resource: "pods"},
			Attribution: traffic.Attribution{Test: test, Source: traffic.SourceUserAgent},
		}
		if test == "" {
			q.Attribution = traffic.Attribution{Why: traffic.WhySuite}
		}
		if err := r.rec.Finish(&q); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *recorder) spec(s traffic.Spec) {
	r.t.Helper()
	if err := r.rec.Spec(&s); err != nil {
		r.t.Fatal(err)
	}
}

// digestOf records a run and reads its digest.
func digestOf(t *testing.T, record func(*recorder)) *Digest {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Name: "run", Start: start}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	record(&recorder{t, rec})
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	run, err := r.Run("run")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(r, run)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// some is a run of three tests and requests without one.
func some(r *recorder) {
	r.ask("many", 20, 200, 1)
	r.ask("many", 1, 404, 1)
	r.ask("slow", 2, 200, 500)
	r.ask("slow", 3, 409, 1)
	r.ask("slow", 2, 404, 1)
	r.ask("broken", 1, 503, 3)
	r.ask("", 30, 200, 900)
	r.ask("", 2, 500, 1)
}

func namesOf(groups []db.Group) (names []string) {
	for _, g := range groups {
		names = append(names, g.Keys[0])
	}
	return names
}

func TestOrdersOfTests(t *testing.T) {
	d := digestOf(t, some)
	for name, tt := range map[string]struct{ got, want []string }{
		"busiest":     {namesOf(d.Busiest(10)), []string{"many", "slow", "broken"}},
		"two busiest": {namesOf(d.Busiest(2)), []string{"many", "slow"}},
		"slowest":     {namesOf(d.Slowest(10)), []string{"slow", "broken", "many"}},
		"one slowest": {namesOf(d.Slowest(1)), []string{"slow"}},
		"erring":      {namesOf(d.Erring()), []string{"", "broken", "slow", "many"}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestFiguresOfARun(t *testing.T) {
	d := digestOf(t, some)
	got := []int64{d.Total.Requests, d.Total.Errors4xx, d.Total.Errors5xx, d.TestCount(), d.UntaggedRequests(), d.Total.Sources[traffic.SourceUserAgent]}
	if diff := cmp.Diff([]int64{61, 6, 3, 3, 32, 29}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]Cause{{"suite", 32}}, d.Untagged); diff != "" {
		t.Errorf("untagged: -want +got\n%s", diff)
	}
}

func TestStatusesAreErrorsOnly(t *testing.T) {
	d := digestOf(t, some)
	for test, want := range map[string]string{"slow": "409 3, 404 2", "many": "404 1", "": "500 2", "unknown": ""} {
		if got := d.Statuses(test); got != want {
			t.Errorf("%q has %q, want %q", test, got, want)
		}
	}
}

func TestSpecsByOutcome(t *testing.T) {
	d := digestOf(t, func(r *recorder) {
		some(r)
		for i, o := range []traffic.SpecOutcome{traffic.SpecPassed, traffic.SpecPassed, traffic.SpecSkipped, traffic.SpecUnknown} {
			r.spec(traffic.Spec{Test: "many", Outcome: o, Start: start.Add(time.Duration(i) * time.Second)})
		}
		r.spec(traffic.Spec{Test: "broken", Outcome: traffic.SpecInterrupted, Start: start.Add(9 * time.Second), End: start.Add(11 * time.Second)})
		r.spec(traffic.Spec{Test: "slow", Outcome: traffic.SpecFailed, Start: start.Add(8 * time.Second), Duration: time.Second, Attempts: 2, Location: "a.go:1"})
		r.spec(traffic.Spec{Node: "AfterSuite", Outcome: traffic.SpecFailed, Start: start.Add(20 * time.Second)})
		r.spec(traffic.Spec{Node: "BeforeSuite", Outcome: traffic.SpecPassed, Start: start})
	})
	if got := d.Specs(traffic.SpecPassed); got != 2 {
		t.Errorf("%d passed, want 2: those of tests", got)
	}
	if got := d.Specs(traffic.SpecSkipped, traffic.SpecUnknown, traffic.SpecInterrupted); got != 3 {
		t.Errorf("%d skipped, unknown and interrupted, want 3", got)
	}
	want := []Failure{
		{Test: "slow", Outcome: "failed", Attempts: 2, Duration: time.Second, Location: "a.go:1", Requests: 7, Errors4xx: 5},
		{Test: "broken", Outcome: "interrupted", Duration: 2 * time.Second, Requests: 1, Errors5xx: 1},
		{Node: "AfterSuite", Outcome: "failed"},
	}
	if diff := cmp.Diff(want, d.Failed); diff != "" {
		t.Errorf("failed: -want +got\n%s", diff)
	}
}

func TestARunWithoutRequests(t *testing.T) {
	d := digestOf(t, func(*recorder) {})
	if d.TestCount() != 0 || d.UntaggedRequests() != 0 || len(d.Busiest(10))+len(d.Slowest(10))+len(d.Erring())+len(d.Untagged) > 0 {
		t.Errorf("%+v, want nothing", d)
	}
}
