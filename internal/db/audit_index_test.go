package db

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// startAndEnd are the two stages of one watch, as a log has them that was read with so much between them that nothing folded them.
func startAndEnd(n int) (started, complete traffic.Audit) {
	started, complete = auditOf(n), auditOf(n)
	started.Stages, started.Completed = traffic.AuditStarted, started.Received
	complete.Stages, complete.Completed = traffic.AuditComplete, complete.Received.Add(time.Minute)
	return started, complete
}

const auditIndexes = `SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'audit'`

func checkAuditIndex(t *testing.T, path string) {
	t.Helper()
	if d := cmp.Diff([]string{auditIndex}, ask(t, path, auditIndexes)); d != "" {
		t.Errorf("indexes: -want +got\n%s", d)
	}
	checkIntegrity(t, path)
}

func TestWhatAFirstImportAddsSeveralTimesIsStoredOnce(t *testing.T) {
	started, complete := startAndEnd(1)
	own := auditOf(2)
	own.ID = "of its client's own"
	want := []string{
		fmt.Sprintf("%s|6|%d", started.ID, complete.Completed.UnixNano()),
		fmt.Sprintf("%s|5|%d", own.ID, own.Completed.UnixNano()),
		fmt.Sprintf("%s|5|%d", auditOf(3).ID, auditOf(3).Completed.UnixNano()),
	}
	for name, order := range map[string][]traffic.Audit{
		"in order": {started, own, own, complete, started, auditOf(3)}, "reversed": {complete, own, own, started, complete, auditOf(3)},
	} {
		path := emptyRecording(t)
		if d := cmp.Diff(AuditImport{New: 3, Completed: 1, Known: 2}, importAudits(t, path, order...)); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
		got := ask(t, path, `SELECT e.audit_id, a.stages, a.completed_ns FROM audit a JOIN audit_events e USING (id) ORDER BY id`)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
		checkAuditIndex(t, path)
	}
}

// An import that was killed has left requests twice, and no index.
func TestAKilledFirstImportIsPutInOrderByWhoOpensTheRecordingNext(t *testing.T) {
	started, complete := startAndEnd(1)
	for name, open := range map[string]func(path string) error{
		"editor": func(path string) error {
			e, err := OpenEditor(path)
			if err != nil {
				return err
			}
			return e.Close()
		},
		"recorder": func(path string) error {
			r, err := Create(path, testRun("next"), Options{})
			if err != nil {
				return err
			}
			return r.Close(testEnd)
		},
	} {
		path := emptyRecording(t)
		killImport(t, path, started, auditOf(2), complete)
		if n := len(ask(t, path, auditIndexes)); n != 0 {
			t.Fatalf("%s: %d indexes after the kill, want none", name, n)
		}
		if err := open(path); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"6", "5"}, ask(t, path, `SELECT stages FROM audit ORDER BY id`)); d != "" {
			t.Errorf("%s: stages -want +got\n%s", name, d)
		}
		checkAuditIndex(t, path)
	}
}

// killImport leaves a recording as an import does that is killed after its first batch.
func killImport(t *testing.T, path string, audits ...traffic.Audit) {
	t.Helper()
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWriter(e.conn, 0)
	if err != nil {
		t.Fatal(err)
	}
	i := &auditImporter{writer: w, path: path, sqlite: e.conn}
	err = i.prepare()
	for n := range audits {
		err = errors.Join(err, i.add(&audits[n]))
	}
	if err := errors.Join(err, i.end(), w.close(), e.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestAFailureToStoreIsReturnedAgainAndAgain(t *testing.T) {
	path := emptyRecording(t)
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	sqlExec(t, e.conn, `CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'on fire'); END`)
	_, err = e.ImportAudit(func(w *AuditWriter) error {
		a := auditOf(1)
		for i := range 3 {
			if errors.Join(w.Add(&a), w.Commit()) == nil {
				t.Errorf("no error at request %d, want that of storing", i)
			}
		}
		return nil
	})
	if err == nil {
		t.Error("the import has no error, want that of storing")
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}
