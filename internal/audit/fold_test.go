package audit

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"e2etap/internal/traffic"

	"github.com/google/go-cmp/cmp"
)

// at is an event of a request at a stage, which tells as much as the API server knows then.
func at(id string, stage traffic.AuditStages) *Event {
	start := time.Date(2026, 11, 24, 15, 6, 8, 0, time.UTC)
	e := &Event{Stage: stage, At: start.Add(time.Duration(stage) * time.Second)}
	e.Audit = traffic.Audit{ID: id, Stages: stage, Received: start, Path: "/api/v1/pods", User: "alice", SourceIPs: []string{"::1"}}
	e.API = traffic.API{Verb: "create", Version: "v1", Resource: "pods", Namespace: "web"}
	if stage != traffic.AuditReceived {
		e.Completed, e.Status, e.API.Name, e.Impersonated = e.At, 201, "front", "bob"
	}
	return e
}

func fold(t *testing.T, events ...*Event) []traffic.Audit {
	t.Helper()
	var all []traffic.Audit
	f := NewFolder(func(a *traffic.Audit) error { all = append(all, *a); return nil })
	for _, e := range events {
		if err := f.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestStagesInAnyOrderAreOneRequest(t *testing.T) {
	const received, started, complete = traffic.AuditReceived, traffic.AuditStarted, traffic.AuditComplete
	want := at("a", complete).Audit
	want.Stages = received | started | complete
	for _, order := range [][]traffic.AuditStages{
		{received, started, complete}, {complete, received, started}, {started, complete, received},
		{complete, started, received}, {received, complete, started}, {started, received, complete},
	} {
		got := fold(t, at("a", order[0]), at("a", order[1]), at("a", order[2]))
		if diff := cmp.Diff([]traffic.Audit{want}, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", order, diff)
		}
	}
}

func TestTheSameEventTwiceAddsNothing(t *testing.T) {
	for stage := traffic.AuditReceived; stage <= traffic.AuditPanic; stage <<= 1 {
		got := fold(t, at("a", stage), at("a", stage))
		if diff := cmp.Diff([]traffic.Audit{at("a", stage).Audit}, got); diff != "" {
			t.Errorf("stage %d (-want +got):\n%s", stage, diff)
		}
	}
}

func TestAWatchThatGoesOnIsEmittedAtFlush(t *testing.T) {
	got := fold(t, at("watch", traffic.AuditStarted), at("b", traffic.AuditComplete), at("c", traffic.AuditPanic))
	var ids []string
	for _, a := range got {
		ids = append(ids, a.ID)
	}
	if diff := cmp.Diff([]string{"b", "c", "watch"}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFolderDoesNotGrowWithWhatHasEnded(t *testing.T) {
	emitted := 0
	f := NewFolder(func(*traffic.Audit) error { emitted++; return nil })
	for i := range 3 * maxDone {
		for _, stage := range []traffic.AuditStages{traffic.AuditReceived, traffic.AuditComplete} {
			if err := f.Add(at(fmt.Sprint(i), stage)); err != nil {
				t.Fatal(err)
			}
		}
		if len(f.known) > maxDone+1 || len(f.known) != f.open.Len()+f.done.Len() {
			t.Fatalf("%d requests are kept after %d", len(f.known), i)
		}
	}
	if emitted != 2*maxDone {
		t.Errorf("%d requests were emitted before Flush, want %d", emitted, 2*maxDone)
	}
	if err := f.Flush(); err != nil || emitted != 3*maxDone || len(f.known) != 0 {
		t.Errorf("after Flush: %d emitted, %d kept, %v", emitted, len(f.known), err)
	}
}

func TestAFolderKeepsNoMoreThanItsLimitOfOpenRequests(t *testing.T) {
	var first string
	emitted := 0
	f := NewFolder(func(a *traffic.Audit) error {
		if emitted++; emitted == 1 {
			first = a.ID
		}
		return nil
	})
	for i := range maxOpen + 5 {
		if err := f.Add(at(fmt.Sprint(i), traffic.AuditReceived)); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.known) != maxOpen || emitted != 5 || first != "0" {
		t.Errorf("%d kept, %d emitted, the first of which is %q", len(f.known), emitted, first)
	}
}

func TestTheErrorOfEmitIsReturned(t *testing.T) {
	full := errors.New("disk full")
	f := NewFolder(func(*traffic.Audit) error { return full })
	if err := f.Add(at("a", traffic.AuditComplete)); err != nil {
		t.Fatal(err)
	}
	if err := f.Flush(); !errors.Is(err, full) {
		t.Errorf("Flush: %v, want %v", err, full)
	}
}

func TestMergeFillsTheObjectOfOneThatKnewNone(t *testing.T) {
	into, from := traffic.Audit{Stages: traffic.AuditComplete}, at("", traffic.AuditReceived).Audit
	Merge(&into, &from)
	if diff := cmp.Diff(from.API, into.API); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnEventAfterAFlushIsARequestOfTheSameID(t *testing.T) {
	var got []traffic.Audit
	f := NewFolder(func(a *traffic.Audit) error { got = append(got, *a); return nil })
	first, last := at("a", traffic.AuditReceived), at("a", traffic.AuditComplete)
	for _, e := range []*Event{first, last} {
		if err := errors.Join(f.Add(e), f.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]traffic.Audit{first.Audit, last.Audit}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
