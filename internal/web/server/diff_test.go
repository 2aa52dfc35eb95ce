package server

import (
	"strings"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
	"e2etap/internal/view"
)

func TestARunIsComparedWithTheOneBefore(t *testing.T) {
	s := serve(t, severalRuns(t, "first", "second", "third"), "third")
	for query, want := range map[string]string{
		"": "second third", "?run=second": "first second", "?against=first": "first third", "?run=first&against=third": "third first", "?against=third": "third third",
	} {
		d := get[view.Diff](t, s, "api/diff"+query)
		if got := d.Before.Name + " " + d.After.Name; got != want || (len(d.Changes) == 0) != (d.Before.Name == d.After.Name) || d.Before.Label != "" {
			t.Errorf("%q: %s with %d changes, label %q; want %s", query, got, len(d.Changes), d.Before.Label, want)
		}
	}
}

func TestWithNothingToCompareWithThereAreNoDifferences(t *testing.T) {
	s := serve(t, severalRuns(t, "first", "second"), "second")
	for query, want := range map[string]string{"?run=first": `run "first" is the first`, "?against=nothing": `no run named "nothing"`} {
		if answer, body := request(t, s.URL()+"api/diff"+query, nil); answer.StatusCode != 404 || !strings.Contains(body, want) {
			t.Errorf("%q: %s %q, want 404 and %s", query, answer.Status, body, want)
		}
	}
}

func TestTheRunToCompareWithMayBeOfAnotherRecording(t *testing.T) {
	shown, other := severalRuns(t, "first", "second"), severalRuns(t, "main")
	open := func(path string) func() (*db.Reader, error) {
		return func() (*db.Reader, error) { return db.OpenReader(path) }
	}
	s := serveConfig(t, Config{Open: open(shown), Run: "second", Against: &Against{Run: "main", Label: "main.db", Open: open(other)}})
	for query, want := range map[string]string{"": "main main.db", "?run=first": "main main.db", "?against=first": "first "} {
		if d := get[view.Diff](t, s, "api/diff"+query); d.Before.Name+" "+d.Before.Label != want {
			t.Errorf("%q: compared with %q %q, want %s", query, d.Before.Name, d.Before.Label, want)
		}
	}
	if list := get[runList](t, s, "api/runs"); *list.Against != (againstOf{"main", "main.db"}) {
		t.Errorf("runs are compared with %+v", list.Against)
	}
}

func TestTheRunToCompareWithIsNotTheShownOne(t *testing.T) {
	path := severalRuns(t, "first", "second", "third")
	s := serveConfig(t, Config{Open: func() (*db.Reader, error) { return db.OpenReader(path) }, Run: "third", Against: &Against{Run: "second"}})
	for query, want := range map[string]string{"": "second", "?run=second": "first", "?run=first": "second"} {
		if d := get[view.Diff](t, s, "api/diff"+query); d.Before.Name != want {
			t.Errorf("%q: compared with %q, want %s", query, d.Before.Name, want)
		}
	}
}

func TestDifferencesAreMadeAgainWhenARunHasGrown(t *testing.T) {
	path := severalRuns(t, "first")
	rec, err := db.Create(path, traffic.Run{Name: "second", Start: start}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, path, "second")
	for n, test := range []string{"first", "two", "three"} {
		finish(t, rec, test, 200)
		waitForRequests(t, s, n+1)
		if d := get[view.Diff](t, s, "api/diff"); len(d.Changes) != n || d.After.Requests != int64(n+1) {
			t.Errorf("%d changes of %d requests, want %d: tests gained", len(d.Changes), d.After.Requests, n)
		}
	}
	if err := rec.Close(traffic.RunEnd{End: start}); err != nil {
		t.Fatal(err)
	}
}

func waitForRequests(t *testing.T, s *Server, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); get[struct{ Requests int }](t, s, "api/state").Requests != n; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %d requests in a minute", n)
		}
	}
}
