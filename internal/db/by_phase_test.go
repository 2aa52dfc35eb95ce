package db

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// phased is a request of a test in one of its phases.
func phased(test string, phase traffic.Phase, second int, uri string) traffic.Request {
	q := asked("GET", uri)
	q.Start, q.Status = start.Add(time.Duration(second)*time.Second), 200
	q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceProcess, Phase: phase}
	return q
}

// phasedRecording has two runs with the same requests.
func phasedRecording(t *testing.T) *Reader {
	t.Helper()
	path := dbPath(t)
	for range 2 {
		r := createFor(t, path)
		finish(t, r,
			phased("two", traffic.PhaseBody, 3, "/api/v1/namespaces/b/pods"),
			phased("two", traffic.PhaseBody, 2, "/api/v1/namespaces/c/pods"),
			phased("two", traffic.PhaseSetup, 4, "/api/v1/namespaces/b/pods"),
			phased("one", traffic.PhaseCleanup, 5, "/api/v1/namespaces/a/pods/x"),
			phased("", traffic.PhaseUnknown, 1, "/version"),
		)
		closeRecorder(t, r)
	}
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestRequestsAreCountedByPhase(t *testing.T) {
	r := phasedRecording(t)
	var got []string
	err := r.ByPhase(Filter{Runs: []int64{2}}, func(test string, e Endpoint, phase, requests int64) error {
		got = append(got, fmt.Sprintf("%s|%s %s%s|%v|%d", test, e.Verb, e.Resource, e.Path, traffic.Phase(phase), requests))
		return nil
	})
	want := []string{"|get /version||1", "one|get pods|clean-up|1", "two|list pods|set-up|1", "two|list pods|body|2"}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v, -want +got\n%s", err, d)
	}
	failure, calls := errors.New("enough"), 0
	err = r.ByPhase(Filter{Runs: []int64{1, 2}}, func(string, Endpoint, int64, int64) error { calls++; return failure })
	if err != failure || calls != 1 {
		t.Errorf("%v after %d calls, want %v after one", err, calls, failure)
	}
}

func TestFirstsAreOfEachTestAndOfTheEndpointsWanted(t *testing.T) {
	r := phasedRecording(t)
	list := func(e Endpoint) bool { return e.Verb == "list" }
	all := func(Endpoint) bool { return true }
	for name, test := range map[string]struct {
		filter Filter
		wanted func(Endpoint) bool
		want   map[string]First
	}{
		"lists":                        {Filter{Runs: []int64{1}}, list, map[string]First{"two": {"two", 2, start.Add(2 * time.Second), "/api/v1/namespaces/c/pods"}}},
		"no lists of another resource": {Filter{Runs: []int64{1}, Resource: "nodes"}, list, map[string]First{}},
		"all": {Filter{Runs: []int64{2}}, all, map[string]First{
			"":    {"", 10, start.Add(time.Second), "/version"},
			"one": {"one", 9, start.Add(5 * time.Second), "/api/v1/namespaces/a/pods/x"},
			"two": {"two", 7, start.Add(2 * time.Second), "/api/v1/namespaces/c/pods"},
		}},
	} {
		got, err := r.Firsts(test.filter, test.wanted)
		if d := cmp.Diff(test.want, got); err != nil || d != "" {
			t.Errorf("%s: %v, -want +got\n%s", name, err, d)
		}
	}
}
