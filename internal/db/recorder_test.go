package db

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// testRun is a run as the proxy would start it.
func testRun(name string) traffic.Run {
	return traffic.Run{
		Name: name, Command: []string{"e2e.test", "-ginkgo.v"}, Context: "kind", Server: "https://127.0.0.1:6443",
		ServerVersion: "v1.37.2", ToolVersion: "v0.1.0", Start: start,
	}
}

// sample is a request number i of many that differ as those of an e2e run do.
func sample(i int) traffic.Request {
	test := fmt.Sprintf("[sig-node] Pods should run a container number %d with a name of usual length", i/300)
	q := traffic.Request{
		Connection: 1, Start: start.Add(time.Duration(i) * 1234567), Duration: time.Duration(900000 + i%977*12345),
		FirstByte: time.Duration(800000 + i%977*12000), Method: "GET",
		API:    traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: fmt.Sprintf("pods-%d", i/300), Name: fmt.Sprintf("pod-%08x", i/7)},
		Status: 200, BytesOut: int64(2000 + i%1000), ResponseContentType: "application/json",
		Client: traffic.Client{
			UserAgent:  "e2e.test/v1.37.2 (linux/amd64) kubernetes/0123456 -- " + test,
			Credential: traffic.CredentialRun,
		},
		AuditID: fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-%012x", i), Test: test, Source: traffic.SourceUserAgent,
	}
	q.Path = "/api/v1/namespaces/" + q.API.Namespace + "/pods/" + q.API.Name
	return q
}

func create4test(t testing.TB, path string) *Recorder {
	t.Helper()
	r, err := Create(path, testRun(""), Options{OnError: func(err error) { t.Errorf("recording: %v", err) }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSmoke(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e2e.db")
	r := create4test(t, path)
	if err := r.Connect(&traffic.Connection{Opened: start, Remote: "127.0.0.1:1", Protocol: "h2"}); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		q := sample(i)
		if err := r.Finish(&q); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(traffic.RunEnd{End: start.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	db, _ := sql.Open("sqlite3", path)
	defer db.Close()
	var n int
	var p, id, ua, tm string
	if err := db.QueryRow("select count(*), max(path), max(audit_id), max(user_agent), max(time) from requests").Scan(&n, &p, &id, &ua, &tm); err != nil {
		t.Fatal(err)
	}
	t.Log(n, p, id, ua, tm)
	files, _ := filepath.Glob(path + "*")
	t.Log(files)
}
