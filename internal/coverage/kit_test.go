package coverage

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/apirequest"
	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// asked is a request as the gateway tells of it.
func asked(t testing.TB, test, method, uri string, status int) traffic.Request {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	q := traffic.Request{Start: start, Method: method, Path: u.EscapedPath(), Status: status}
	q.API, q.Query = apirequest.Parse(method, u.Path, u.RawQuery)
	if test != "" {
		q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceUserAgent}
	}
	return q
}

// record makes a recording of one run.
func record(t testing.TB, ops []operation.Operation, requests ...traffic.Request) (*db.Reader, db.RunInfo) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Start: start}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if ops != nil {
		document, err := operation.Encode(ops)
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.SetOperations(document); err != nil {
			t.Fatal(err)
		}
	}
	for i := range requests {
		if err := rec.Finish(&requests[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

func open(t testing.TB, path string) (*db.Reader, db.RunInfo) {
	t.Helper()
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	run, err := r.Run(db.LatestRun)
	if err != nil {
		t.Fatal(err)
	}
	return r, run
}

func load(t testing.TB, ops []operation.Operation, requests ...traffic.Request) *Run {
	t.Helper()
	r, info := record(t, ops, requests...)
	run, err := Load(r, info)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// kubernetes are operations of Kubernetes, from an excerpt of its swagger.json, and some of a custom resource.
func kubernetes(t testing.TB) []operation.Operation {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "operation", "testdata", "swagger.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ops, err := operation.Read(f, f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return append(ops, operation.Operation{
		ID: "listExampleComV1Tap", Method: "GET", Path: "/apis/example.com/v1/taps", Group: "example.com", Version: "v1", Kind: "Tap", Action: "list",
	})
}
