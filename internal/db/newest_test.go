package db

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// growing is a recording of a run that goes on, behind one that has ended.
func growing(t *testing.T) (*Recorder, func(NewestQuery) Newest) {
	t.Helper()
	path := dbPath(t)
	before := createFor(t, path)
	finish(t, before, some(3)...)
	closeRecorder(t, before)
	rec := createFor(t, path)
	t.Cleanup(func() { closeRecorder(t, rec) })
	return rec, func(q NewestQuery) Newest {
		t.Helper()
		r, err := OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		q.Runs = []int64{rec.RunID()}
		n, err := r.Newest(q)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func pod(verb, method, test string, status int) traffic.Request {
	q := answered(status, method, "/api/v1/namespaces/a/pods/x?fieldManager=me")
	q.API.Verb, q.Start, q.Duration = verb, start, time.Millisecond
	q.Client = traffic.Client{UserAgent: "kubectl/v1.37.2 (linux/amd64)", KubectlCommand: "kubectl get"}
	if test != "" {
		q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceProcess, Phase: traffic.PhaseBody}
	}
	return q
}

// seen waits until a run's row with that number can be read.
func seen(t *testing.T, ask func(NewestQuery) Newest, last int64) {
	t.Helper()
	waitFor(t, func() string { return fmt.Sprint(ask(NewestQuery{Look: 100}).Last) }, fmt.Sprint(last))
}

func ids(rows []Recent) (ids []int64) {
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestNewestGoesOnWhereTheAnswerBeforeEnded(t *testing.T) {
	rec, ask := growing(t)
	if n := ask(NewestQuery{Look: 100, Limit: 9}); n.Last != 3 || n.Seen != 0 || n.Rows != nil {
		t.Errorf("%+v of a run without requests, want none, behind the 3 of the run before", n)
	}
	finish(t, rec, pod("get", "GET", "one", 200), pod("get", "GET", "two", 404))
	seen(t, ask, 5)
	first := ask(NewestQuery{Look: 100, Limit: 9})
	if d := cmp.Diff([]int64{5, 4}, ids(first.Rows)); d != "" || first.Seen != 2 || first.Skipped != 0 {
		t.Errorf("seen %d, skipped %d, -want +got\n%s", first.Seen, first.Skipped, d)
	}
	finish(t, rec, pod("get", "GET", "one", 200))
	seen(t, ask, 6)
	if n := ask(NewestQuery{After: first.Last, Look: 100, Limit: 9}); !slices.Equal(ids(n.Rows), []int64{6}) || n.Seen != 1 || n.Last != 6 {
		t.Errorf("%+v, want only the request 6", n)
	}
}

func TestNewestIsBoundedAndCountsTheRest(t *testing.T) {
	rec, ask := growing(t)
	for i := range 20 {
		finish(t, rec, pod("get", "GET", "one", 200+i%2))
	}
	seen(t, ask, 23)
	for name, tt := range map[string]struct {
		query         NewestQuery
		want          []int64
		seen, skipped int64
	}{
		"limit":            {NewestQuery{After: 13, Look: 100, Limit: 2}, []int64{23, 22}, 10, 8},
		"look":             {NewestQuery{After: 13, Look: 3, Limit: 100}, []int64{23, 22, 21}, 10, 7},
		"look with filter": {NewestQuery{After: 13, Look: 4, Limit: 1, Filter: Filter{Status: "200"}}, []int64{22}, 10, 7},
		"from nothing":     {NewestQuery{Look: 4, Limit: 100}, []int64{23, 22, 21, 20}, 4, 0},
		"numbers only":     {NewestQuery{After: 13, Look: 4}, nil, 10, 0},
		"beyond the end":   {NewestQuery{After: 99, Look: 4, Limit: 9}, nil, 0, 0},
	} {
		n := ask(tt.query)
		if d := cmp.Diff(tt.want, ids(n.Rows)); d != "" || n.Seen != tt.seen || n.Skipped != tt.skipped {
			t.Errorf("%s: seen %d, skipped %d, want %d, %d; -want +got\n%s", name, n.Seen, n.Skipped, tt.seen, tt.skipped, d)
		}
	}
}

func TestNewestIsFiltered(t *testing.T) {
	rec, ask := growing(t)
	other := pod("get", "GET", "two", 404)
	other.Client.UserAgent = "e2e.test/v1"
	finish(t, rec, pod("get", "GET", "one", 200), other, pod("delete", "DELETE", "", 500), pod("get", "GET", "one", 0))
	seen(t, ask, 7)
	for name, tt := range map[string]struct {
		filter Filter
		want   []int64
	}{
		"test":        {Filter{Tests: []string{"one"}}, []int64{7, 4}},
		"no test":     {Filter{Tests: []string{""}}, []int64{6}},
		"unknown":     {Filter{Tests: []string{}}, nil},
		"verb":        {Filter{Verb: "delete"}, []int64{6}},
		"resource":    {Filter{Resource: "pods"}, []int64{7, 6, 5, 4}},
		"no resource": {Filter{Resource: "pods/log"}, nil},
		"status":      {Filter{Status: "404"}, []int64{5}},
		"class":       {Filter{Status: "5xx"}, []int64{6}},
		"no answer":   {Filter{Status: "0"}, []int64{7}},
		"client":      {Filter{Client: "e2e.test"}, []int64{5}},
		"two":         {Filter{Client: "kubectl", Status: "200"}, []int64{4}},
	} {
		if d := cmp.Diff(tt.want, ids(ask(NewestQuery{Filter: tt.filter, Look: 100, Limit: 100}).Rows)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestRecentHasWhatTellsWhichRequestItIs(t *testing.T) {
	rec, ask := growing(t)
	finish(t, rec, pod("get", "GET", "one", 200))
	seen(t, ask, 4)
	want := Recent{
		ID: 4, Start: start, Duration: time.Millisecond, Method: "GET", Verb: "get", Version: "v1", Resource: "pods", Namespace: "a", Name: "x",
		Path: "/api/v1/namespaces/a/pods/x", Query: traffic.Query{FieldManager: "me"}, Status: 200, Test: "one", Source: traffic.SourceProcess,
		Phase: traffic.PhaseBody, Client: "kubectl", KubectlCommand: "kubectl get",
	}
	if d := cmp.Diff([]Recent{want}, ask(NewestQuery{Look: 9, Limit: 9}).Rows); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestRequestsThatWereOpenAreToldOfWhenTheyEnd(t *testing.T) {
	rec, ask := growing(t)
	a, b := pod("watch", "GET", "one", 200), pod("watch", "GET", "one", 200)
	if err := rec.Start(&a); err != nil {
		t.Fatal(err)
	}
	if err := rec.Start(&b); err != nil {
		t.Fatal(err)
	}
	seen(t, ask, 5)
	open := []int64{a.ID, b.ID, 1}
	if n := ask(NewestQuery{Look: 9, Limit: 9, Open: open}); n.Rows[0].Outcome != traffic.Open || n.Ended != nil {
		t.Errorf("%+v, want two open requests", n)
	}
	b.Outcome, b.Duration = traffic.Complete, time.Second
	finish(t, rec, b)
	waitFor(t, func() string { return fmt.Sprint(ids(ask(NewestQuery{Open: open}).Ended)) }, "[5]")
}

// A number that a recorder has given may not have its row yet.
func TestARowThatComesLateIsNotMissed(t *testing.T) {
	rec, ask := growing(t)
	finish(t, rec, pod("get", "GET", "one", 200))
	late := rec.requests.Add(1)
	finish(t, rec, pod("get", "GET", "two", 200))
	waitFor(t, func() string { return fmt.Sprint(ids(ask(NewestQuery{Look: 9, Limit: 9}).Rows)) }, "[6 4]")
	if n := ask(NewestQuery{Look: 9, Limit: 9}); n.Last != late-1 {
		t.Errorf("to go on from %d, want %d, before the number that is missing", n.Last, late-1)
	}
	for range unsettled {
		finish(t, rec, pod("get", "GET", "two", 200))
	}
	seen(t, ask, 6+unsettled)
}

func TestProgressIsThatOfTheRun(t *testing.T) {
	path := dbPath(t)
	rec := createFor(t, path)
	finish(t, rec, pod("get", "GET", "one", 200), pod("get", "GET", "two", 404), pod("watch", "GET", "two", 503))
	for _, s := range []traffic.Spec{
		{Test: "done", Start: start, End: start.Add(time.Second), Outcome: traffic.SpecPassed},
		{Test: "skipped", Outcome: traffic.SpecSkipped, Start: start},
		{Test: "late", Worker: "2", Start: start.Add(2 * time.Second)},
		{Node: "BeforeSuite", Start: start},
	} {
		if err := rec.Spec(&s); err != nil {
			t.Fatal(err)
		}
	}
	closeRecorder(t, rec)
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.Progress(rec.RunID())
	if err != nil {
		t.Fatal(err)
	}
	want := Progress{
		Requests: 3, Errors4xx: 1, Errors5xx: 1, Watches: 1, Specs: 3, SpecsEnded: 2,
		Running: []Running{{Node: "BeforeSuite", Start: start}, {Test: "late", Worker: "2", Start: start.Add(2 * time.Second)}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestSendersAreTheTestsOfTheNewestRequests(t *testing.T) {
	path := dbPath(t)
	rec := createFor(t, path)
	for i, test := range []string{"early", "one", "two", "", "one"} {
		q := pod("get", "GET", test, 200)
		q.Start = start.Add(time.Duration(i) * time.Second)
		finish(t, rec, q)
	}
	closeRecorder(t, rec)
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for look, want := range map[int64][]Sender{
		9: {{"one", start.Add(4 * time.Second)}, {"two", start.Add(2 * time.Second)}},
		1: {{"one", start.Add(4 * time.Second)}},
	} {
		got, err := r.Senders(rec.RunID(), start.Add(time.Second), look)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("of %d rows (-want +got):\n%s", look, d)
		}
	}
}
