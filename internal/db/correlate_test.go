package db

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// addAll adds requests to a run.
func addAll(e *Editor, run int64, x Extent, requests []traffic.Request) error {
	return e.AddRequests(run, func(add func(*traffic.Request) error) (Extent, error) {
		for i := range requests {
			if err := add(&requests[i]); err != nil {
				return x, err
			}
		}
		return x, nil
	})
}

var addedExtent = Extent{Start: start.Add(-time.Minute), End: start.Add(time.Minute), Uncertainty: 3 * time.Millisecond}

// The run that requests are added to needs not be the latest.
func TestAddedRequestsHaveTheirIDsAfterAllOthers(t *testing.T) {
	path := dbPath(t)
	closeRecorder(t, createFor(t, path))
	r := createFor(t, path)
	finish(t, r, some(3)...)
	closeRecorder(t, r)
	requests := some(2)
	e := edited(t, path)
	if err := addAll(e, 1, addedExtent, requests); err != nil {
		t.Fatal(err)
	}
	if requests[0].ID != 4 || requests[1].ID != 5 {
		t.Errorf("IDs %d and %d, want 4 and 5", requests[0].ID, requests[1].ID)
	}
	want := []string{"1|run-2", "2|run-2", "3|run-2", "4|run-1", "5|run-1"}
	if d := cmp.Diff(want, queryReader(t, &e.Reader, `SELECT id, run FROM requests ORDER BY id`)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestAddedRequestsSetTheRunsTime(t *testing.T) {
	e := edited(t, emptyRecording(t))
	if err := addAll(e, 1, addedExtent, some(2)); err != nil {
		t.Fatal(err)
	}
	run, err := e.Run(LatestRun)
	if err != nil {
		t.Fatal(err)
	}
	got := Extent{run.Start, run.End, run.Uncertainty}
	if got.Start = got.Start.UTC(); !got.Start.Equal(addedExtent.Start) || !got.End.Equal(addedExtent.End) || got.Uncertainty != addedExtent.Uncertainty || run.Requests != 2 {
		t.Errorf("%+v with %d requests, want %+v with 2", got, run.Requests, addedExtent)
	}
}

func TestTheSummaryOfAddedRequestsEqualsTheRows(t *testing.T) {
	path := dbPath(t)
	closeRecorder(t, createFor(t, path))
	r := createFor(t, path)
	finish(t, r, some(500)...)
	closeRecorder(t, r)
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(addAll(e, 1, addedExtent, some(3000)), e.Close()); err != nil {
		t.Fatal(err)
	}
	checkSummary(t, path)
	checkIntegrity(t, path)
}

func TestAddedRequestsAreAllOrNothing(t *testing.T) {
	path := emptyRecording(t)
	e := edited(t, path)
	const rows = `SELECT (SELECT count(*) FROM request), (SELECT count(*) FROM summary), start_ns, end_ns, uncertainty_ns FROM run`
	before, errGone := queryReader(t, &e.Reader, rows), errors.New("the log is gone")
	err := e.AddRequests(1, func(add func(*traffic.Request) error) (Extent, error) {
		var err error
		for _, q := range some(2000) {
			err = errors.Join(err, add(&q))
		}
		return addedExtent, errors.Join(err, errGone)
	})
	if !errors.Is(err, errGone) {
		t.Errorf("%v, want %v", err, errGone)
	}
	if d := cmp.Diff(before, queryReader(t, &e.Reader, rows)); d != "" {
		t.Errorf("-before +after\n%s", d)
	}
}

// What another run had only in the audit log is recorded now: it must not be counted twice.
func TestAddedRequestsAreNoLongerOnlyInTheLog(t *testing.T) {
	e := edited(t, auditedRuns(t, 3))
	judge(t, e, 1, 0, 3, always(behalfOf("A")))
	q := some(1)[0]
	q.AuditID = auditOf(1).ID
	if err := addAll(e, 2, addedExtent, []traffic.Request{q}); err != nil {
		t.Fatal(err)
	}
	wantJudgements(t, e, "0|run-1|behalf|A|namespace||after", "2|run-1|behalf|A|namespace||after")
}

func TestAnExtentHasTheFirstStartAndTheLastEnd(t *testing.T) {
	var x Extent
	for _, v := range [][2]int{{10, 50}, {20, 10}, {40, 30}, {5, 1}} {
		x.Include(&traffic.Request{Start: start.Add(time.Duration(v[0]) * time.Second), Duration: time.Duration(v[1]) * time.Second})
	}
	if got, want := fmt.Sprint(x.Start.Sub(start), x.End.Sub(start)), "5s 1m10s"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
