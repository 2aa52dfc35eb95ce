package db

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// countedByEndpoint writes what ByEndpoint gives, one line each.
func countedByEndpoint(t *testing.T, r *Reader, f Filter, fromRows bool) (lines []string) {
	t.Helper()
	err := r.byEndpoint(f, fromRows, func(test string, e Endpoint, source, status, requests int64) error {
		lines = append(lines, fmt.Sprintf("%s|%+v|%d|%d: %d", test, e, source, status, requests))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestRequestsAreCountedByEndpoint(t *testing.T) {
	path := dbPath(t)
	one := traffic.Attribution{Test: "one", Source: traffic.SourceUserAgent}
	for range 2 { // runs
		r := createFor(t, path)
		for i, uri := range []string{"/api/v1/namespaces/a/pods", "/api/v1/namespaces/b/pods", "/api/v1/pods", "/version", "/version"} {
			q := asked("GET", uri)
			q.Start, q.Status = start.Add(time.Duration(i)*time.Minute), 200
			if i < 4 {
				q.Attribution = one
			}
			finish(t, r, q)
		}
		closeRecorder(t, r)
	}
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	type count struct {
		Test                     string
		Endpoint                 Endpoint
		Source, Status, Requests int64
	}
	version := Endpoint{Method: "GET", Verb: "get", Path: "/version"}
	list := Endpoint{Method: "GET", Verb: "list", Version: "v1", Resource: "pods"}
	listNamespaced := list
	listNamespaced.Namespaced = true
	const user = int64(traffic.SourceUserAgent)
	for _, test := range []struct {
		filter Filter
		want   []count
	}{
		{Filter{Runs: []int64{1}}, []count{{"", version, 0, 200, 1}, {"one", version, user, 200, 1}, {"one", list, user, 200, 1}, {"one", listNamespaced, user, 200, 2}}},
		{Filter{Runs: []int64{1, 2}, Tests: []string{""}}, []count{{"", version, 0, 200, 2}}},
		{Filter{Runs: []int64{2}, Since: start.Add(2 * time.Minute)}, []count{{"", version, 0, 200, 1}, {"one", version, user, 200, 1}, {"one", list, user, 200, 1}}},
		{Filter{Runs: []int64{2}, Namespace: "b"}, []count{{"one", listNamespaced, user, 200, 1}}},
	} {
		var got []count
		err := r.ByEndpoint(test.filter, func(test string, e Endpoint, source, status, requests int64) error {
			got = append(got, count{test, e, source, status, requests})
			return nil
		})
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%+v: %v, -want +got\n%s", test.filter, err, diff)
		}
	}
	failure := errors.New("enough")
	calls := 0
	err = r.ByEndpoint(Filter{Runs: []int64{1}}, func(string, Endpoint, int64, int64, int64) error { calls++; return failure })
	if err != failure || calls != 1 {
		t.Errorf("%v after %d calls, want %v after one", err, calls, failure)
	}
}

func TestCountsByEndpointHaveOneAnswer(t *testing.T) {
	r, err := OpenReader(variedRecording(t))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, f := range []Filter{
		{Runs: []int64{1}}, {Runs: []int64{1, 2}}, {Runs: []int64{2}, Tests: []string{""}}, {Runs: []int64{1}, Resource: "pods", Verb: "get"},
		{Runs: []int64{1}, Status: "5xx"}, {Runs: []int64{1}, Source: "none"},
	} {
		rows := countedByEndpoint(t, r, f, true)
		if len(rows) == 0 {
			t.Errorf("%+v: nothing, which shows nothing", f)
		}
		if diff := cmp.Diff(rows, countedByEndpoint(t, r, f, false)); diff != "" {
			t.Errorf("%+v: -rows +summary\n%s", f, diff)
		}
	}
}

func TestEndpointsAreListed(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	finish(t, r, asked("GET", "/api/v1/namespaces/a/pods/p/proxy/x"), asked("GET", "/livez"))
	closeRecorder(t, r)
	reader, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	got, err := reader.Endpoints()
	want := map[int64]Endpoint{
		1: {Method: "GET", Verb: "get", Version: "v1", Resource: "pods", Subresource: "proxy", Namespaced: true, Named: true, SubPath: true},
		2: {Method: "GET", Verb: "get", Path: "/livez"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}

// TestOperationsOfOneEndpointCountOnce in what a report calls endpoints.
func TestOperationsOfOneEndpointCountOnce(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	finish(t, r, asked("GET", "/api/v1/pods"), asked("GET", "/api/v1/namespaces/a/pods"), asked("GET", "/livez"), asked("GET", "/version"))
	closeRecorder(t, r)
	reader, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, by := range []Dimension{Test, Verb, Path} { // from the tests' numbers, their parts, and rows
		_, total, err := reader.Summarize([]Dimension{by}, Filter{Runs: []int64{1}})
		if err != nil || total.Endpoints != 2 {
			t.Errorf("by %s: %d endpoints, %v; want 2", by, total.Endpoints, err)
		}
	}
	if got := queryReader(t, reader, `SELECT endpoints FROM tests`); !cmp.Equal(got, []string{"2"}) {
		t.Errorf("view tests: %s endpoints, want 2", got)
	}
}
