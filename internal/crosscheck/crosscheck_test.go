package crosscheck

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(second int) time.Time { return start.Add(time.Duration(second) * time.Second) }

func id(n int) string { return fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-%012d", n) }

// request is one of e2e.test, for a pod, and audit what a log tells of it.
func request(n int) traffic.Request {
	return traffic.Request{
		Start: at(n), Duration: time.Millisecond, Method: "GET", Path: "/api/v1/namespaces/ns/pods/a",
		API:    traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "ns", Name: "a"},
		Status: 200, AuditID: id(n), Client: traffic.Client{UserAgent: "e2e.test/v1", Credential: traffic.CredentialRun},
	}
}

func audit(n int) traffic.Audit {
	q := request(n)
	return traffic.Audit{
		ID: id(n), Received: q.Start.Add(ahead), Completed: q.Start.Add(ahead + time.Millisecond), Stages: traffic.AuditComplete,
		Path: q.Path, API: q.API, User: "admin", SourceIPs: []string{"10.0.0.1"}, UserAgent: q.Client.UserAgent, Status: q.Status,
	}
}

// ahead is by how much the API server's clock is.
const ahead = 5 * time.Second

// both are requests 1 to 5, which both know alike, and the log's from before and after them.
func both() (requests []traffic.Request, audits []traffic.Audit) {
	for n := 1; n <= 5; n++ {
		requests, audits = append(requests, request(n)), append(audits, audit(n))
	}
	for _, n := range []int{-100, 100} {
		audits = append(audits, audit(n))
		audits[len(audits)-1].ID = fmt.Sprint("other time ", n)
	}
	return requests, audits
}

// check records a run of a minute, imports a log, and returns what is said of all but matched requests.
func check(t *testing.T, requests []traffic.Request, audits []traffic.Audit) (said []string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Name: "run", Start: start}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range requests {
		if err := rec.Finish(&requests[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(traffic.RunEnd{End: at(60)}); err != nil {
		t.Fatal(err)
	}
	importAll(t, path, audits)
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	run, err := r.Run("run")
	if err != nil {
		t.Fatal(err)
	}
	matched := 0
	err = Check(r, run, func(f *Finding) error {
		if f.Cell == Matched {
			matched++
		} else {
			said = append(said, strings.TrimSpace(string(f.Cell)+" "+f.Client+" "+strings.Join(f.Texts, "; ")))
		}
		return nil
	})
	return append(said, fmt.Sprint("matched ", matched)), err
}

func importAll(t *testing.T, path string, audits []traffic.Audit) {
	t.Helper()
	e, err := db.OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.ImportAudit(func(w *db.AuditWriter) error {
		for i := range audits {
			if err := w.Add(&audits[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, e.Close()); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, requests []traffic.Request, audits []traffic.Audit, lines ...string) {
	t.Helper()
	got, err := check(t, requests, audits)
	if d := cmp.Diff(lines, got); err != nil || d != "" {
		t.Errorf("%v, -want +got\n%s", err, d)
	}
}

func TestTheSameInBothIsMatched(t *testing.T) {
	requests, audits := both()
	tagged, cut := &requests[1], &requests[2]
	tagged.Test, tagged.TaggedAs, tagged.Source = "a\ntest", "a\ntest", traffic.SourceProcess
	audits[1].UserAgent += " -- a test" // a header has no line breaks
	cut.Client.UserAgent = "e2e.test/v1 " + strings.Repeat("x", 2000)
	audits[2].UserAgent = cut.Client.UserAgent[:1024] + "...TRUNCATED"
	create, its := &requests[3], &audits[3] // whose name is in the body
	create.API = traffic.API{Verb: "create", Version: "v1", Resource: "namespaces"}
	create.Path, its.Path = "/api/v1/namespaces", "/api/v1/namespaces"
	its.API = create.API
	its.API.Namespace, its.API.Name = "new", "new"
	requests[4].Status, requests[4].Outcome = 0, traffic.ClientAborted
	want(t, requests, audits, "matched 5")
}

func TestDifferencesAreToldByKind(t *testing.T) {
	for kind, c := range map[string]struct {
		change func(*traffic.Audit)
		want   string
	}{
		"verb":       {func(a *traffic.Audit) { a.API.Verb = "patch" }, "verb: get recorded, patch audited"},
		"resource":   {func(a *traffic.Audit) { a.API.Subresource = "log" }, "resource: v1/pods recorded, v1/pods/log audited"},
		"object":     {func(a *traffic.Audit) { a.API.Name = "b" }, "object: ns/a recorded, ns/b audited"},
		"status":     {func(a *traffic.Audit) { a.Status = 404 }, "status: 200 recorded, 404 audited"},
		"user":       {func(a *traffic.Audit) { a.User = "eve" }, "user: admin recorded, eve audited"},
		"user-agent": {func(a *traffic.Audit) { a.UserAgent = "" }, "user-agent: e2e.test/v1 recorded, none audited"},
		"time":       {func(a *traffic.Audit) { a.Received = a.Received.Add(-1100 * time.Millisecond) }, "time: 12:00:03.000 recorded, 12:00:01.900 audited"},
	} {
		t.Run(kind, func(t *testing.T) {
			requests, audits := both()
			c.change(&audits[2])
			want(t, requests, audits, "differs e2e.test "+c.want, "matched 4")
		})
	}
}

// A machine without time to spare may take seconds from reading a request to sending it on.
func TestAuditedWhileItWentOnIsNoDifference(t *testing.T) {
	requests, audits := both()
	requests[2].Duration = 3 * time.Second
	audits[2].Received = audits[2].Received.Add(2500 * time.Millisecond)
	want(t, requests, audits, "matched 5")
}

func TestWhatIsNotLoggedHasAReason(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*traffic.Request)
		want   string
	}{
		"refused":      {func(q *traffic.Request) { q.Outcome = traffic.Refused }, "refused e2e.test"},
		"unreachable":  {func(q *traffic.Request) { q.Outcome = traffic.UpstreamUnreachable }, "unreachable e2e.test"},
		"client left":  {func(q *traffic.Request) { q.Outcome, q.Status = traffic.ClientAborted, 0 }, "aborted e2e.test"},
		"no answer":    {func(q *traffic.Request) { q.Outcome, q.Status = traffic.UpstreamAborted, 502 }, "aborted e2e.test"},
		"half answer":  {func(q *traffic.Request) { q.Outcome = traffic.UpstreamAborted }, "unexplained e2e.test"},
		"open":         {func(q *traffic.Request) { q.Outcome = traffic.Unfinished }, "open e2e.test"},
		"resource":     {func(q *traffic.Request) { q.API.Resource = "leases" }, "omitted e2e.test"},
		"program":      {func(q *traffic.Request) { q.Client.UserAgent = "kubectl/v1" }, "omitted kubectl"},
		"later":        {func(q *traffic.Request) { q.Start = at(101) }, "uncovered e2e.test"},
		"none of them": {func(*traffic.Request) {}, "unexplained e2e.test"},
	} {
		t.Run(name, func(t *testing.T) {
			requests, audits := both()
			lost := request(6)
			c.change(&lost)
			want(t, append(requests, lost), audits, c.want, "matched 5")
		})
	}
}

func TestWhatIsNotRecordedIsToldApartByProgram(t *testing.T) {
	requests, audits := both()
	for i, agent := range []string{"e2e.test/v1 -- a test", "e2etap-proxy/v1", "kube-scheduler/v1"} {
		a := audit(10 + i)
		a.UserAgent = agent
		audits = append(audits, a)
	}
	want(t, requests, audits, "around e2e.test", "own e2etap-proxy", "others kube-scheduler", "matched 5")
}

func TestOtherRunsRequestsWentNotAround(t *testing.T) {
	requests, audits := both()
	path := filepath.Join(t.TempDir(), "e2e.db")
	for i, name := range []string{"one", "two"} { // at the same time, as clocks may say
		rec, err := db.Create(path, traffic.Run{Name: name, Start: start}, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range requests[i*2 : i*2+2] {
			q.ID = 0
			if err := rec.Finish(&q); err != nil {
				t.Fatal(err)
			}
		}
		if err := rec.Close(traffic.RunEnd{End: at(60)}); err != nil {
			t.Fatal(err)
		}
	}
	importAll(t, path, audits[:4])
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	run, err := r.Run("two")
	if err != nil {
		t.Fatal(err)
	}
	err = Check(r, run, func(f *Finding) error {
		if f.Cell != Matched {
			t.Errorf("%s is %s, want all matched", f.Audit.ID, f.Cell)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWithoutALogOfTheTimeNothingIsCompared(t *testing.T) {
	requests, audits := both()
	if _, err := check(t, requests, audits[5:]); !errors.Is(err, ErrNoLog) {
		t.Errorf("%v, want that there is no log", err)
	}
}
