package db

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

func TestFactsTellWhatSumsDoNot(t *testing.T) {
	path := dbPath(t)
	rec := createFor(t, path)
	list := asked("GET", "/api/v1/namespaces/a/pods?limit=5")
	list.Start, list.Duration, list.Status, list.BytesOut = start, time.Second, 200, 7
	list.Attribution = traffic.Attribution{Test: "one", Source: traffic.SourceUserAgent}
	list.Client.UserAgent = "e2e.test/v1 -- one"
	list.Warnings = []string{`299 - "a is deprecated"`, `299 - "b"`}
	watch := asked("GET", "/api/v1/pods?watch=1")
	watch.Start, watch.Duration, watch.Status, watch.Client.UserAgent = start.Add(time.Minute), time.Hour, 200, "kubectl/v1"
	finish(t, rec, list, watch)
	closeRecorder(t, rec)
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pods := func(verb string, namespaced bool) Endpoint {
		return Endpoint{Method: "GET", Verb: verb, Version: "v1", Resource: "pods", Namespaced: namespaced}
	}
	first := Fact{
		ID: 1, Test: "one", UserAgent: "e2e.test/v1 -- one", Endpoint: pods("list", true), Namespace: "a", Status: 200,
		Duration: time.Second, Timed: true, BytesOut: 7, Limit: 5, Warnings: "299 - \"a is deprecated\"\n299 - \"b\"",
	}
	second := Fact{ID: 2, UserAgent: "kubectl/v1", Endpoint: pods("watch", false), Status: 200, Duration: time.Hour}
	for _, test := range []struct {
		filter Filter
		want   []Fact
	}{
		{Filter{Runs: []int64{1}}, []Fact{first, second}},
		{Filter{Runs: []int64{1}, Tests: []string{""}}, []Fact{second}},
		{Filter{Runs: []int64{1}, Verb: "list"}, []Fact{first}},
		{Filter{Runs: []int64{2}}, nil},
	} {
		var got []Fact
		err := r.Facts(test.filter, func(f *Fact) error { got = append(got, *f); return nil })
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%+v: %v, -want +got\n%s", test.filter, err, diff)
		}
	}
}

func TestFactsEndWithTheFirstFailure(t *testing.T) {
	path := dbPath(t)
	rec := createFor(t, path)
	finish(t, rec, asked("GET", "/version"), asked("GET", "/version"))
	closeRecorder(t, rec)
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	failure, calls := errors.New("enough"), 0
	err = r.Facts(Filter{Runs: []int64{1}}, func(*Fact) error { calls++; return failure })
	if !errors.Is(err, failure) || calls != 1 {
		t.Errorf("%v after %d calls, want %v after one", err, calls, failure)
	}
}
