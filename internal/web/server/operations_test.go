package server

import (
	"testing"
	"time"

	"e2etap/internal/operation"
	"e2etap/internal/traffic"
	"e2etap/internal/view"
)

// Pages ask again for what they show when the state changes, and operations come after a run has begun.
func TestStateChangesWithOperations(t *testing.T) {
	rec, s := begin(t)
	finish(t, rec, "one", 200)
	document, err := operation.Encode([]operation.Operation{{
		ID: "readPod", Method: "GET", Path: "/api/v1/namespaces/{namespace}/pods/{name}", Version: "v1", Kind: "Pod", Action: "get",
	}})
	if err != nil {
		t.Fatal(err)
	}
	type state struct{ Requests, Operations int }
	waitFor := func(want state) {
		t.Helper()
		deadline := time.Now().Add(time.Minute)
		for got := get[state](t, s, "api/state"); got != want; got = get[state](t, s, "api/state") {
			if time.Now().After(deadline) {
				t.Fatalf("%+v at last, want %+v", got, want)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	waitFor(state{1, 0})
	if err := rec.SetOperations(document); err != nil {
		t.Fatal(err)
	}
	waitFor(state{1, 1})
	if e := get[view.Model](t, s, "api/model").Endpoints[0]; e.Operation == nil || *e.Operation != 0 {
		t.Errorf("endpoint %+v, want the first operation's", e)
	}
	if o := get[view.Operations](t, s, "api/operations"); !o.Known || o.Operations[0].ID != "readPod" {
		t.Errorf("%+v, want readPod", o)
	}
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
}
