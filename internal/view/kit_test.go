package view

import (
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }

// get is a request for a pod, of a test or, with a reason, of none.
func get(ms, status int, test, name string) traffic.Request {
	q := traffic.Request{
		Start: at(ms), Duration: 1500 * time.Microsecond, Method: "GET", Path: "/api/v1/namespaces/a/pods/" + name, Status: status,
		API:    traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "a", Name: name},
		Client: traffic.Client{UserAgent: "e2e.test/v1.37.2"},
	}
	if test == "" {
		q.Why = traffic.WhyBetween
	} else {
		q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceProcess, Phase: traffic.PhaseBody}
	}
	return q
}

// record makes a recording of a run of a minute and opens it.
func record(t *testing.T, specs []traffic.Spec, requests ...traffic.Request) (*db.Reader, db.RunInfo) {
	t.Helper()
	return recordIn(t, filepath.Join(t.TempDir(), "e2e.db"), specs, requests...)
}

func recordIn(t *testing.T, path string, specs []traffic.Spec, requests ...traffic.Request) (*db.Reader, db.RunInfo) {
	t.Helper()
	rec, err := db.Create(path, traffic.Run{Name: "run", Start: start, Command: []string{"e2e.test"}}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range specs {
		if err := rec.Spec(&specs[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range requests {
		if err := rec.Finish(&requests[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute), ExitCode: 1}); err != nil {
		t.Fatal(err)
	}
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	info, err := r.Run(db.LatestRun)
	if err != nil {
		t.Fatal(err)
	}
	return r, info
}

func load(t *testing.T, specs []traffic.Spec, requests ...traffic.Request) *Model {
	t.Helper()
	r, info := record(t, specs, requests...)
	m, err := Load(r, info, NewIndex(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// loadActivity counts all rows of a run at once.
func loadActivity(r *db.Reader, info db.RunInfo) (*Activity, error) {
	c := NewClock(info.Start)
	c.cover(info.End)
	err := c.read(r, info, []db.Rows{{}})
	return c.Activity(), err
}
