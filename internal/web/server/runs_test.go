package server

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
	"e2etap/internal/view"
)

// severalRuns are recorded into one file. The first has a request, the second two, and so on, all of a test named as the run.
func severalRuns(t *testing.T, names ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	for i, name := range names {
		rec, err := db.Create(path, traffic.Run{Name: name, Start: start.Add(time.Duration(i) * time.Hour)}, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range i + 1 {
			finish(t, rec, name, 200)
		}
		if err := rec.Close(traffic.RunEnd{End: start.Add(time.Duration(i)*time.Hour + time.Minute), ExitCode: i}); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestAnyRunOfTheRecordingIsShown(t *testing.T) {
	s := serve(t, severalRuns(t, "first", "second", "100% & more"), "second")
	for query, want := range map[string]string{"": "second", "?run=": "second", "?run=first": "first", "?run=second": "second", "?run=" + url.QueryEscape("100% & more"): "100% & more"} {
		if m := get[view.Model](t, s, "api/model"+query); m.Run.Name != want || len(m.Tests) != 1 || m.Tests[0].Name != want {
			t.Errorf("%q: run %q with tests %+v, want %s", query, m.Run.Name, m.Tests, want)
		}
		if a := get[view.Activity](t, s, "api/activity"+query); len(a.Tests) != 1 || a.Tests[want] == [2]float64{} {
			t.Errorf("%q: activity of %v, want of %s", query, a.Tests, want)
		}
	}
	c := get[view.Columns](t, s, "api/requests?run=first&test=first")
	if m := get[view.Model](t, s, "api/model?run=first"); len(c.Start) != 1 || m.Endpoints[c.Endpoint[0]].Resource != "pods" {
		t.Errorf("requests of the first run: %+v", c)
	}
	if c := get[view.Columns](t, s, "api/requests?test=first"); len(c.Start) != 0 {
		t.Errorf("requests of the second run: %+v, want none of the first's test", c)
	}
}

func TestRunsAreListedNewestFirst(t *testing.T) {
	s := serve(t, severalRuns(t, "first", "second"), "first")
	list := get[runList](t, s, "api/runs")
	var got []string
	for _, r := range list.Runs {
		got = append(got, fmt.Sprintf("%s %s %s %d %d %d", r.Name, r.Start, *r.End, *r.ExitCode, r.Requests, r.Tests))
	}
	want := []string{"second 2026-03-01T13:00:00Z 2026-03-01T13:01:00Z 1 2 1", "first 2026-03-01T12:00:00Z 2026-03-01T12:01:00Z 0 1 1"}
	if list.Shown != "first" || !slices.Equal(got, want) {
		t.Errorf("%q of %q, want first of %q", list.Shown, got, want)
	}
}

func TestARunThatIsRecordedHasNoEnd(t *testing.T) {
	_, s := begin(t)
	if list := get[runList](t, s, "api/runs"); len(list.Runs) != 1 || list.Runs[0].End != nil || list.Runs[0].ExitCode != nil {
		t.Errorf("%+v, want a run without an end", list)
	}
}

func TestAnUnknownRunIsNotFound(t *testing.T) {
	s := serve(t, severalRuns(t, "first", "second"), "first")
	for path := range s.answers() {
		answer, body := request(t, s.URL()+"api/"+path+"?test=&run=third", nil)
		if answer.StatusCode != 404 || !strings.Contains(body, `no run named "third"`) || !strings.Contains(body, "first, second") {
			t.Errorf("%s: %s %q, want 404 and the names that there are", path, answer.Status, body)
		}
	}
}

// The recording may get other runs while a browser looks at one.
func TestAnotherRunDoesNotTakeTheFirstOnesPlace(t *testing.T) {
	s := serve(t, severalRuns(t, "first", "second"), "first")
	if model := get[view.Model](t, s, "api/model"); model.Run.Name != "first" {
		t.Errorf("run %q, want first", model.Run.Name)
	}
}

func TestOnlyTheStateOfTheLatestRunsIsKept(t *testing.T) {
	s := &Server{}
	first := s.of(1)
	for id := range int64(mostShown - 1) {
		s.of(id + 2)
	}
	if s.of(1) != first {
		t.Errorf("the state of one of %d runs was not kept", mostShown)
	}
	s.of(100) // in place of 2, which was asked for longest ago
	if s.of(1) != first || len(s.shown) != mostShown || slices.ContainsFunc(s.shown, func(r *shownRun) bool { return r.id == 2 }) {
		t.Errorf("kept: %d runs, want the latest %d", len(s.shown), mostShown)
	}
}
