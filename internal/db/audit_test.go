package db

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// auditOf is a request of an audit log, with all of its stages.
func auditOf(n int) traffic.Audit {
	return traffic.Audit{
		ID:       fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-%012d", n),
		Received: start.Add(time.Duration(n) * time.Second), Completed: start.Add(time.Duration(n)*time.Second + time.Millisecond),
		Stages: traffic.AuditReceived | traffic.AuditComplete, Path: "/api/v1/namespaces/ns/pods/a",
		API:  traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "ns", Name: "a"},
		User: "admin", Impersonated: "somebody", SourceIPs: []string{"10.0.0.1", "10.0.0.2"},
		UserAgent: "e2e.test/v1 -- a test", Status: 200,
	}
}

func importAudits(t *testing.T, path string, audits ...traffic.Audit) AuditImport {
	t.Helper()
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	done, err := e.ImportAudit(func(w *AuditWriter) error {
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
	return done
}

func emptyRecording(t *testing.T) string {
	t.Helper()
	path := dbPath(t)
	closeRecorder(t, createFor(t, path))
	return path
}

const auditEvents = `SELECT audit_id, received_ns, completed_ns, stages, verb, path, resource, namespace, name, status, user, impersonated,
	source, user_agent FROM audit_events`

func TestAuditedRequestsComeBackAsTheyWere(t *testing.T) {
	path := emptyRecording(t)
	other := traffic.Audit{ID: "of its client's own", Stages: traffic.AuditPanic, Path: "/healthz", API: traffic.API{Verb: "get"}}
	importAudits(t, path, auditOf(1), other)
	want := []string{
		fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-000000000001|%d|%d|RequestReceived,ResponseComplete|get|/api/v1/namespaces/ns/pods/a|pods|ns|a|200|"+
			"admin|somebody|10.0.0.1|e2e.test/v1 -- a test", auditOf(1).Received.UnixNano(), auditOf(1).Completed.UnixNano()),
		"of its client's own|0|NULL|Panic|get|/healthz||||0||||",
	}
	if d := cmp.Diff(want, ask(t, path, auditEvents)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestImportingAnAuditLogTwiceAddsNothing(t *testing.T) {
	path := emptyRecording(t)
	if d := cmp.Diff(AuditImport{New: 2}, importAudits(t, path, auditOf(1), auditOf(2))); d != "" {
		t.Errorf("first -want +got\n%s", d)
	}
	const counts = `SELECT (SELECT count(*) FROM audit), (SELECT count(*) FROM string), (SELECT count(*) FROM endpoint), (SELECT count(*) FROM client)`
	want := ask(t, path, counts)
	if d := cmp.Diff(AuditImport{New: 1, Known: 2}, importAudits(t, path, auditOf(1), auditOf(2), auditOf(3))); d != "" {
		t.Errorf("second -want +got\n%s", d)
	}
	importAudits(t, path, auditOf(1), auditOf(2), auditOf(3))
	if d := cmp.Diff([]string{"3" + want[0][1:]}, ask(t, path, counts)); d != "" {
		t.Errorf("rows of audit, string, endpoint and client: -want +got\n%s", d)
	}
}

// A create's first stage does not know the object's name, its last one does. Either may be imported first.
func TestStagesOfSeveralImportsAreUnited(t *testing.T) {
	first := auditOf(1)
	first.Stages, first.Completed, first.Status, first.Impersonated = traffic.AuditReceived, time.Time{}, 0, ""
	first.Path, first.API.Verb, first.API.Name = "/api/v1/namespaces/ns/pods", "create", ""
	last := auditOf(1)
	last.Path, last.API.Verb = "/api/v1/namespaces/ns/pods", "create"
	last.Stages, last.SourceIPs = traffic.AuditComplete, nil
	want := []string{fmt.Sprintf("%s|%d|%d|RequestReceived,ResponseComplete|create|/api/v1/namespaces/ns/pods|pods|ns|a|200|"+
		"admin|somebody|10.0.0.1|e2e.test/v1 -- a test", last.ID, last.Received.UnixNano(), last.Completed.UnixNano())}
	for name, order := range map[string][]traffic.Audit{"in order": {first, last}, "reversed": {last, first}} {
		path := emptyRecording(t)
		importAudits(t, path, order[0])
		if d := cmp.Diff(AuditImport{Completed: 1}, importAudits(t, path, order[1])); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
		if d := cmp.Diff(want, ask(t, path, auditEvents)); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
}

func TestWhatWasReadBeforeAFailureStays(t *testing.T) {
	path := emptyRecording(t)
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	failure := errors.New("disk on fire")
	done, err := e.ImportAudit(func(w *AuditWriter) error {
		one := auditOf(1)
		return errors.Join(w.Add(&one), failure)
	})
	if !errors.Is(err, failure) || done.New != 1 {
		t.Errorf("%+v, %v; want one new request and the failure", done, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, path, `SELECT count(*) FROM audit`)[0]; got != "1" {
		t.Errorf("%s rows, want 1", got)
	}
}

// A batch's rows are there for the next one to find, and for readers though the import goes on, and so after a commit.
func TestImportsOfSeveralBatchesAreWhole(t *testing.T) {
	path := emptyRecording(t)
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	const n = auditBatch + 1
	add := func(w *AuditWriter, from, to int) (err error) {
		for i := from; i < to && err == nil; i++ {
			a := auditOf(i)
			err = w.Add(&a)
		}
		return err
	}
	done, err := e.ImportAudit(func(w *AuditWriter) error {
		err := errors.Join(add(w, 0, n), add(w, 0, n), w.Commit(), add(w, 0, 2*n))
		if got, _ := strconv.Atoi(ask(t, path, `SELECT count(*) FROM audit_events WHERE user_agent = 'e2e.test/v1 -- a test'`)[0]); got < n {
			t.Errorf("%d rows while it goes on, want %d or more", got, n)
		}
		return err
	})
	if d := cmp.Diff(AuditImport{New: 2 * n, Known: 2 * n}, done); err != nil || d != "" {
		t.Errorf("%v, -want +got\n%s", err, d)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	checkIntegrity(t, path)
}

func TestReadersSeeWhatIsCommittedWhileAnImportGoesOn(t *testing.T) {
	path := emptyRecording(t)
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	const count = `SELECT count(*) FROM audit_events WHERE user_agent = 'e2e.test/v1 -- a test'`
	done, err := e.ImportAudit(func(w *AuditWriter) error {
		for i := range 2 {
			a := auditOf(i)
			if err := w.Add(&a); err != nil {
				return err
			}
			before := ask(t, path, count)[0]
			if err := w.Commit(); err != nil {
				return err
			}
			if after := ask(t, path, count)[0]; before != fmt.Sprint(i) || after != fmt.Sprint(i+1) {
				t.Errorf("request %d: %s rows before it was committed, %s after", i, before, after)
			}
		}
		return w.Commit() // with nothing to commit
	})
	if d := cmp.Diff(AuditImport{New: 2}, done); err != nil || d != "" {
		t.Errorf("%v, -want +got\n%s", err, d)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}
