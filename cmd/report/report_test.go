package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"report": func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs testdata/script. Their command "record FILE NAME" makes a run in a recording, "record-of FILE NAME VERSION" one of
// an API server of another version, "suite FILE" one with processes and specs, and "recording FILE" begins one that lasts to the
// script's end. "append FROM TO" appends a file to another one, "rename FROM TO" renames one, "audited FILE N" waits until readers of
// a recording see so many requests of audit logs.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"record": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(record(ts.MkAbs(args[0]), args[1], "v1.37.2"))
			},
			"record-of": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(record(ts.MkAbs(args[0]), args[1], args[2]))
			},
			"suite": func(ts *testscript.TestScript, _ bool, args []string) { ts.Check(suite(ts.MkAbs(args[0]))) },
			"spied": func(ts *testscript.TestScript, _ bool, args []string) { ts.Check(spied(ts.MkAbs(args[0]), args[1])) },
			"recording": func(ts *testscript.TestScript, _ bool, args []string) {
				r, err := db.Create(ts.MkAbs(args[0]), traffic.Run{Name: "living", Start: start}, db.Options{})
				ts.Check(err)
				ts.Defer(func() {
					if err := r.Close(traffic.RunEnd{End: start}); err != nil {
						t.Error(err)
					}
				})
			},
			"append": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(appendTo(ts.MkAbs(args[1]), ts.ReadFile(args[0])))
			},
			"rename": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(os.Rename(ts.MkAbs(args[0]), ts.MkAbs(args[1])))
			},
			"audited": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(waitAudited(ts.MkAbs(args[0]), args[1]))
			},
		},
	})
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func record(path, name, serverVersion string) error {
	r, err := db.Create(path, traffic.Run{
		Name: name, Command: []string{"e2e.test", "-ginkgo.focus=a b"}, Context: "kind", Server: "https://127.0.0.1:6443",
		ServerVersion: serverVersion, ToolVersion: "v0.1.0", Start: start,
	}, db.Options{})
	if err != nil {
		return err
	}
	for i, q := range requests() {
		q.Connection, q.Start = 1, start.Add(time.Duration(i)*time.Second)
		q.Duration, q.FirstByte = time.Duration(i+1)*1100*time.Microsecond, time.Duration(i+1)*time.Millisecond
		q.BytesOut = int64(i * 700)
		q.AuditID = fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-%012d", i)
		if err := r.Finish(&q); err != nil {
			return err
		}
	}
	return r.Close(traffic.RunEnd{End: start.Add(time.Minute)})
}

// requests are two tests and kubectl without one, all in their ways.
func requests() []traffic.Request {
	const (
		run    = "[sig-node] Pods should run a container | with \"quotes\" and a name that is longer than terminals are wide"
		delete = "[sig-node] Pods should be deleted\x1b[31m"
	)
	agent := func(test string) traffic.Client {
		return traffic.Client{UserAgent: "e2e.test/v1.37.2 (linux/amd64) -- " + test, Credential: traffic.CredentialRun}
	}
	pods := func(verb, name string) traffic.API {
		return traffic.API{Verb: verb, Version: "v1", Resource: "pods", Namespace: "pods-1", Name: name}
	}
	const path = "/api/v1/namespaces/pods-1/pods"
	return []traffic.Request{
		{Method: "POST", Path: path, API: pods("create", ""), Status: 201, BytesIn: 2048, Attribution: traffic.Attribution{Test: run, Source: traffic.SourceUserAgent}, Client: agent(run)},
		{Method: "GET", Path: path, API: pods("watch", ""), Status: 200, Attribution: traffic.Attribution{Test: run, Source: traffic.SourceUserAgent}, Client: agent(run),
			Outcome: traffic.ClientAborted, Error: "the client left"},
		{Method: "GET", Path: path + "/a", API: pods("get", "a"), Status: 200, Attribution: traffic.Attribution{Test: run, Source: traffic.SourceUserAgent}, Client: agent(run)},
		{Method: "DELETE", Path: path + "/a", API: pods("delete", "a"), Status: 200, Attribution: traffic.Attribution{Test: delete, Source: traffic.SourceHeader}, Client: agent(delete)},
		{Method: "GET", Path: path + "/a", API: pods("get", "a"), Status: 404, Attribution: traffic.Attribution{Test: delete, Source: traffic.SourceUserAgent}, Client: agent(delete)},
		{Method: "GET", Path: "/version", API: traffic.API{Verb: "get"}, Status: 500, Client: traffic.Client{UserAgent: "kubectl/v1.37.2"}},
	}
}
