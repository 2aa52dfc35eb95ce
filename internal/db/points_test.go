package db

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// pointsOf records requests of two tests and one without, out of order, and opens the recording.
func pointsOf(t *testing.T) *Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec := createFor(t, path)
	pod := func(second, status int, test, name string) *traffic.Request {
		q := &traffic.Request{
			Start: start.Add(time.Duration(second) * time.Second), Duration: time.Millisecond, Method: "GET", Path: "/api/v1/namespaces/a/pods/" + name,
			API: traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "a", Name: name}, Status: status,
		}
		if test != "" {
			q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceProcess, Phase: traffic.PhaseBody}
		} else {
			q.Why = traffic.WhyBetween
		}
		return q
	}
	for _, q := range []*traffic.Request{pod(5, 200, "one", "x"), pod(3, 404, "two", "y"), pod(1, 500, "one", "z"), pod(2, 200, "", "w")} {
		if err := rec.Finish(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func namesOfPoints(t *testing.T, r *Reader, q PointQuery) (names []string) {
	t.Helper()
	q.Run, q.Names = 1, true
	if err := r.EachPoint(q, func(p *Point) error {
		names = append(names, p.Test+"/"+p.Name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPointsOfATestStandTogetherInTheOrderOfTheirStart(t *testing.T) {
	r := pointsOf(t)
	if d := cmp.Diff([]string{"/w", "one/z", "one/x", "two/y"}, namesOfPoints(t, r, PointQuery{})); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestPointsAreChosenByTestAndPage(t *testing.T) {
	r := pointsOf(t)
	for name, tt := range map[string]struct {
		query PointQuery
		want  []string
	}{
		"a test":         {PointQuery{Tests: []string{"one"}}, []string{"one/z", "one/x"}},
		"no test":        {PointQuery{Tests: []string{""}}, []string{"/w"}},
		"unknown":        {PointQuery{Tests: []string{"three"}}, nil},
		"page":           {PointQuery{Offset: 1, Limit: 2}, []string{"one/z", "one/x"}},
		"page of a test": {PointQuery{Tests: []string{"one"}, Offset: 1, Limit: 9}, []string{"one/x"}},
	} {
		if d := cmp.Diff(tt.want, namesOfPoints(t, r, tt.query)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestPointHasWhatAChartShows(t *testing.T) {
	var got Point
	if err := pointsOf(t).EachPoint(PointQuery{Run: 1, Tests: []string{"two"}}, func(p *Point) error { got = *p; return nil }); err != nil {
		t.Fatal(err)
	}
	want := Point{
		ID: got.ID, Test: "two", Start: start.Add(3 * time.Second), Duration: time.Millisecond,
		Endpoint:  Endpoint{Method: "GET", Verb: "get", Version: "v1", Resource: "pods", Namespaced: true, Named: true},
		Namespace: "a", Status: 404, Source: traffic.SourceProcess, Phase: traffic.PhaseBody,
	}
	if d := cmp.Diff(want, got); d != "" || got.ID == 0 {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestActivityIsCountedByTestAndPart(t *testing.T) {
	var got []Activity
	if err := pointsOf(t).EachActivity(1, Rows{}, start, 2*time.Second, func(a Activity) error { got = append(got, a); return nil }); err != nil {
		t.Fatal(err)
	}
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	want := []Activity{
		{"", 1, 1, 0, 0, at(2), at(2)}, {"one", 0, 1, 0, 1, at(1), at(1)}, {"one", 2, 1, 0, 0, at(5), at(5)}, {"two", 1, 1, 1, 0, at(3), at(3)},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}
