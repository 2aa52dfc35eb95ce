package db

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// smallRecording has six requests of three tests, at start + their index in minutes.
func smallRecording(t testing.TB) *Reader {
	t.Helper()
	path := dbPath(t)
	r := createFor(t, path)
	for i, q := range []traffic.Request{
		{Attribution: traffic.Attribution{Test: "[a] one", Source: traffic.SourceUserAgent}, Method: "GET", API: traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "x", Name: "p"}, Status: 200},
		{Attribution: traffic.Attribution{Test: "[a] one", Source: traffic.SourceUserAgent}, Method: "GET", API: traffic.API{Verb: "watch", Version: "v1", Resource: "pods", Namespace: "x"}, Status: 200},
		{Attribution: traffic.Attribution{Test: "[a] two", Source: traffic.SourceProcess}, Method: "POST", API: traffic.API{Verb: "create", Version: "v1", Resource: "pods", Subresource: "exec", Namespace: "y", Name: "p"}, Status: 101},
		{Attribution: traffic.Attribution{Test: "[a] two", Source: traffic.SourceProcess}, Method: "GET", API: traffic.API{Verb: "get", Group: "apps", Version: "v1", Resource: "deployments", Namespace: "y", Name: "d"}, Status: 404},
		{Attribution: traffic.Attribution{Test: "one more [a] one", Source: traffic.SourceUserAgent}, Method: "GET", API: traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "y", Name: "q"}, Status: 503},
		{Attribution: traffic.Attribution{Why: traffic.WhyNoSpec}, Method: "GET", Path: "/healthz", API: traffic.API{Verb: "get"}},
	} {
		q.Start, q.Duration = start.Add(time.Duration(i)*time.Minute), time.Duration(i+1)*time.Millisecond
		if q.Path == "" {
			q.Path = pathOf(q.API)
		}
		q.Client.UserAgent = []string{"e2e.test/v1.37.2 (linux/amd64) -- " + q.Test, "kubectl/v1.37.2", "curl"}[i%3]
		finish(t, r, q)
	}
	closeRecorder(t, r)
	reader, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	return reader
}

func TestFiltersChoose(t *testing.T) {
	r := smallRecording(t)
	for _, test := range []struct {
		filter Filter
		want   []int64 // request IDs
	}{
		{Filter{}, []int64{1, 2, 3, 4, 5, 6}},
		{Filter{Tests: []string{"[a] one"}}, []int64{1, 2}},
		{Filter{Tests: []string{"[a] one", ""}}, []int64{1, 2, 6}},
		{Filter{Tests: []string{"unknown"}}, nil},
		{Filter{Verb: "watch"}, []int64{2}},
		{Filter{Resource: "pods"}, []int64{1, 2, 5}},
		{Filter{Resource: "pods/exec"}, []int64{3}},
		{Filter{Resource: "unknown"}, nil},
		{Filter{Namespace: "y", Verb: "get"}, []int64{4, 5}},
		{Filter{Status: "404"}, []int64{4}},
		{Filter{Status: "5xx"}, []int64{5}},
		{Filter{Status: "0"}, []int64{6}},
		{Filter{Since: start.Add(4 * time.Minute)}, []int64{5, 6}},
	} {
		test.filter.Runs = []int64{1}
		var got []int64
		if err := r.List(test.filter, func(e *Entry) error { got = append(got, e.ID); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v lists %v, want %v", test.filter, got, test.want)
		}
		_, total, err := r.Summarize([]Dimension{Test}, test.filter)
		if err != nil || int(total.Requests) != len(test.want) {
			t.Errorf("%+v counts %d, %v; want %d", test.filter, total.Requests, err, len(test.want))
		}
	}
}

func TestDimensionsGroup(t *testing.T) {
	r := smallRecording(t)
	for by, want := range map[Dimension]string{
		Source:    "user-agent=3 process=2 none=1",
		Why:       "=5 no spec known=1",
		Test:      "[a] one=2 [a] two=2 =1 one more [a] one=1",
		Verb:      "get=4 create=1 watch=1",
		Resource:  "pods=3 =1 deployments=1 pods/exec=1",
		APIGroup:  "=5 apps=1",
		Namespace: "y=3 x=2 =1",
		Status:    "200=2 =1 101=1 404=1 503=1",
		Client:    "curl=2 e2e.test=2 kubectl=2",
		UserAgent: "curl=2 kubectl/v1.37.2=2 e2e.test/v1.37.2 (linux/amd64) -- [a] one=1 e2e.test/v1.37.2 (linux/amd64) -- [a] two=1",
		Path: "/api/v1/namespaces/x/pods=1 /api/v1/namespaces/x/pods/p=1 /api/v1/namespaces/y/pods/p=1 /api/v1/namespaces/y/pods/q=1 " +
			"/apis/apps/v1/namespaces/y/deployments/d=1 /healthz=1",
	} {
		groups, _, err := r.Summarize([]Dimension{by}, Filter{Runs: []int64{1}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, g := range groups {
			got = append(got, fmt.Sprintf("%s=%d", g.Keys[0], g.Requests))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("by %s: -want +got\n%s", by, diff)
		}
	}
}

func TestGroupsCountWhatTheirNamesSay(t *testing.T) {
	r := smallRecording(t)
	groups, total, err := r.Summarize([]Dimension{Test}, Filter{Runs: []int64{1}})
	if err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	want := []Group{
		{Keys: []string{"[a] one"}, Requests: 2, Watches: 1, Endpoints: 2, Sources: [traffic.SourceCount]int64{2: 2}, Timed: 1, P50: ms, P99: ms, Max: ms},
		{Keys: []string{"[a] two"}, Requests: 2, Errors4xx: 1, Endpoints: 2, Sources: [traffic.SourceCount]int64{4: 2}, Timed: 1, P50: 4 * ms, P99: 4 * ms, Max: 4 * ms},
		{Keys: []string{""}, Requests: 1, Endpoints: 1, Sources: [traffic.SourceCount]int64{1}, Timed: 1, P50: 6 * ms, P99: 6 * ms, Max: 6 * ms},
		{Keys: []string{"one more [a] one"}, Requests: 1, Errors5xx: 1, Endpoints: 1, Sources: [traffic.SourceCount]int64{2: 1}, Timed: 1, P50: 5 * ms, P99: 5 * ms, Max: 5 * ms},
		{Requests: 6, Errors4xx: 1, Errors5xx: 1, Watches: 1, Endpoints: 5, Sources: [traffic.SourceCount]int64{0: 1, 2: 3, 4: 2}, Timed: 4, P50: 4 * ms, P99: 6 * ms, Max: 6 * ms},
	}
	near := cmp.Comparer(func(a, b time.Duration) bool { return max(a, b)-min(a, b) <= max(a, b)*3/100 })
	if diff := cmp.Diff(want, append(groups, total), near); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTestsAreMatched(t *testing.T) {
	r := smallRecording(t)
	for pattern, want := range map[string][]string{
		"[a] one":  {"[a] one"}, // exactly, though another name contains it
		"[a]":      {"[a] one", "[a] two", "one more [a] one"},
		"[a]*":     {"[a] one", "[a] two"},
		"* one":    {"[a] one", "one more [a] one"},
		"[?] t*o":  {"[a] two"},
		"ne mo":    {"one more [a] one"},
		"[b] one":  nil,
		"*[a] one": {"[a] one", "one more [a] one"},
		"":         {"[a] one", "[a] two", "one more [a] one"},
	} {
		got, err := r.MatchTests(pattern, []int64{1})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", pattern, diff)
		}
	}
}

func TestStatusesAreRead(t *testing.T) {
	for s, want := range map[string][2]int64{"404": {404, 404}, "4xx": {400, 499}, "0": {0, 0}, "1xx": {100, 199}} {
		if low, high, err := ParseStatus(s); err != nil || low != want[0] || high != want[1] {
			t.Errorf("%s: %d to %d, %v; want %d", s, low, high, err, want)
		}
	}
	for _, s := range []string{"6xx", "xx", "4x", "-1", "99", "600", "ok"} {
		if _, _, err := ParseStatus(s); err == nil {
			t.Errorf("%s was read", s)
		}
	}
}

func TestRunsAreSelected(t *testing.T) {
	path := dbPath(t)
	for range 3 {
		closeRecorder(t, createFor(t, path))
	}
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for name, want := range map[string][]int64{"latest": {3}, "all": {1, 2, 3}, "run-2": {2}} {
		if got, err := r.SelectRuns(name); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, want)
		}
	}
	runs, err := r.Runs()
	if err != nil || len(runs) != 3 {
		t.Fatalf("%d runs, %v; want 3", len(runs), err)
	}
	want := RunInfo{Run: testRun("run-2"), ID: 2, End: testEnd.End, ExitCode: 1}
	if diff := cmp.Diff(want, runs[1]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := r.SelectRuns("mine"); err == nil || !strings.Contains(err.Error(), "hint: it has run-1, run-2, run-3") {
		t.Errorf("unknown run: %v", err)
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	if !globMatch("a*b?c", "axxbyc") {
		f.Fatal("the seed does not match")
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if !strings.ContainsAny(pattern, "*?") && globMatch(pattern, s) != (string([]rune(pattern)) == string([]rune(s))) {
			t.Errorf("%q matches %q: %v", pattern, s, globMatch(pattern, s))
		}
		if !globMatch("*"+pattern+"*", "before"+strings.ReplaceAll(pattern, "?", "x")+"after") {
			t.Errorf("%q does not match itself", pattern)
		}
	})
}
