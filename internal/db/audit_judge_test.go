package db

import (
	"database/sql/driver"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// edited opens a recording for changes until the test ends.
func edited(t *testing.T, path string) *Editor {
	t.Helper()
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// auditedRuns is a recording with two runs of an hour, whose time is the same, and an audit log: request n at second n.
func auditedRuns(t *testing.T, audits int) string {
	t.Helper()
	path := dbPath(t)
	for range 2 {
		closeRecorder(t, createFor(t, path))
	}
	var log []traffic.Audit
	for i := range audits {
		log = append(log, auditOf(i))
	}
	importAudits(t, path, log...)
	return path
}

func behalfOf(test string) Judgement {
	return Judgement{traffic.RoleBehalf, traffic.Attribution{Test: test, Source: traffic.SourceNamespace, Phase: traffic.PhaseAfter}}
}

// judge has a run judge the log of some seconds.
func judge(t *testing.T, e *Editor, run int64, from, to int, say func(second int) (Judgement, bool)) {
	t.Helper()
	at := func(second int) time.Time { return start.Add(time.Duration(second) * time.Second) }
	err := e.JudgeAudit(run, at(from), at(to), func(a *traffic.Audit) (Judgement, bool) {
		return say(int(a.Received.Sub(start).Seconds()))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// always says one thing of all.
func always(j Judgement) func(int) (Judgement, bool) {
	return func(int) (Judgement, bool) { return j, true }
}

// judgements are the log's requests that a run has, one line each: its second, run, role, test, source, why and phase.
func judgements(t *testing.T, e *Editor) (lines []string) {
	t.Helper()
	err := eachRow(e.conn, `SELECT (received_ns - `+fmt.Sprint(start.UnixNano())+`) / 1000000000, unrecorded_in, role, test, test_source, test_why, phase
		FROM audit_events WHERE unrecorded_in <> '' ORDER BY received_ns`, func(row []driver.Value) error {
		values := make([]any, len(row))
		for i, v := range row {
			values[i] = v
		}
		lines = append(lines, joinValues(values))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func wantJudgements(t *testing.T, e *Editor, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, judgements(t, e)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestJudgementsAreStored(t *testing.T) {
	e := edited(t, auditedRuns(t, 5))
	judge(t, e, 1, 1, 3, func(second int) (Judgement, bool) {
		switch second {
		case 1:
			return behalfOf("A"), true
		case 2:
			return Judgement{traffic.RoleNoise, traffic.Attribution{Why: traffic.WhyOutside}}, true
		}
		return Judgement{}, false
	})
	wantJudgements(t, e, "1|run-1|behalf|A|namespace||after", "2|run-1|noise||none|outside of the tests|")
}

func TestJudgementsReplaceThoseOfTheRun(t *testing.T) {
	e := edited(t, auditedRuns(t, 4))
	judge(t, e, 1, 0, 3, always(behalfOf("A")))
	judge(t, e, 1, 2, 2, always(behalfOf("B")))
	wantJudgements(t, e, "2|run-1|behalf|B|namespace||after")
}

func TestWhatWasDoneForATestOfAnotherRunStaysThatRuns(t *testing.T) {
	e := edited(t, auditedRuns(t, 4))
	judge(t, e, 1, 0, 3, func(second int) (Judgement, bool) {
		return Judgement{[]traffic.Role{traffic.RoleTest, traffic.RoleBehalf, traffic.RoleNoise, traffic.RoleOther}[second], traffic.Attribution{}}, true
	})
	judge(t, e, 2, 0, 3, always(behalfOf("B")))
	wantJudgements(t, e, "0|run-1|test||none||", "1|run-1|behalf||none||", "2|run-2|behalf|B|namespace||after", "3|run-2|behalf|B|namespace||after")
}

func TestJudgementsAreAllOrNothing(t *testing.T) {
	e := edited(t, auditedRuns(t, 2))
	judge(t, e, 1, 0, 1, always(behalfOf("A")))
	if err := execute(e.conn, `CREATE TEMP TRIGGER full BEFORE UPDATE ON audit WHEN NEW.run = 1 AND NEW.id = 2 BEGIN SELECT RAISE(ABORT, 'disk full'); END`); err != nil {
		t.Fatal(err)
	}
	err := e.JudgeAudit(1, start, start.Add(time.Minute), func(*traffic.Audit) (Judgement, bool) { return behalfOf("B"), true })
	if err == nil {
		t.Error("no error")
	}
	wantJudgements(t, e, "0|run-1|behalf|A|namespace||after", "1|run-1|behalf|A|namespace||after")
}

// What a run has recorded is judged by none.
func TestRecordedRequestsAreNotJudged(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	q := some(1)[0]
	q.AuditID = auditOf(1).ID
	finish(t, r, q)
	closeRecorder(t, r)
	importAudits(t, path, auditOf(1), auditOf(2))
	e := edited(t, path)
	judge(t, e, 1, 0, 9, always(behalfOf("A")))
	wantJudgements(t, e, "2|run-1|behalf|A|namespace||after")
}

func TestImportingAgainKeepsJudgements(t *testing.T) {
	path := dbPath(t)
	closeRecorder(t, createFor(t, path))
	begun := auditOf(1)
	begun.Stages, begun.Completed = traffic.AuditReceived, time.Time{}
	importAudits(t, path, begun)
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	judge(t, e, 1, 0, 9, always(behalfOf("A")))
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(AuditImport{Completed: 1}, importAudits(t, path, auditOf(1))); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	wantJudgements(t, edited(t, path), "1|run-1|behalf|A|namespace||after")
}

func TestTheSkewIsTheMedianOfWhatIsInBoth(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	requests := some(4)
	var log []traffic.Audit
	for i := range requests {
		q, a := &requests[i], auditOf(i)
		q.AuditID, q.Start = a.ID, a.Received.Add(-[]time.Duration{3, 5, 1, 100}[i]*time.Millisecond)
		log = append(log, a)
	}
	unlogged := some(1)[0]
	unlogged.AuditID = auditOf(9).ID
	none := auditOf(10)
	none.Received = time.Time{}
	timeless := some(1)[0]
	timeless.AuditID = none.ID
	finish(t, r, append(requests, unlogged, timeless)...)
	closeRecorder(t, r)
	importAudits(t, path, append(log, none, auditOf(11))...)
	skew, known, err := edited(t, path).AuditSkew(1)
	if skew != 5*time.Millisecond || !known || err != nil {
		t.Errorf("%v, %v, %v; want 5 ms", skew, known, err)
	}
}

func TestWithoutCommonRequestsNoSkewIsKnown(t *testing.T) {
	if skew, known, err := edited(t, auditedRuns(t, 2)).AuditSkew(1); skew != 0 || known || err != nil {
		t.Errorf("%v, %v, %v; want that none is known", skew, known, err)
	}
}
