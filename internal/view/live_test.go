package view

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

func loadLive(t *testing.T, r *db.Reader, info db.RunInfo, q LiveQuery) *Live {
	t.Helper()
	live, err := LoadLive(r, info, q)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func TestLiveRowHasAllThatIsShown(t *testing.T) {
	q := get(250, 0, "one", "x")
	q.API.Verb, q.API.Subresource, q.API.Name, q.Query = "watch", "log", "", traffic.Query{Watch: true, Limit: 5, LabelSelector: "a=b,c"}
	q.Path, q.Outcome, q.Error = "/api/v1/namespaces/a/pods", traffic.ClientAborted, "context canceled"
	r, info := record(t, nil, q)
	got, err := json.Marshal(loadLive(t, r, info, LiveQuery{Limit: 9}).Rows)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"id":1,"start_ms":250,"duration_ms":1.5,"open":false,"method":"GET","verb":"watch","path":"/api/v1/namespaces/a/pods",` +
		`"query":"labelSelector=a%3Db%2Cc\u0026limit=5\u0026watch=true","group":"","version":"v1","resource":"pods/log","namespace":"a","name":"",` +
		`"status":0,"outcome":"client aborted","error":"context canceled","test":"one","source":"process","why":"","phase":"body",` +
		`"client":"e2e.test","command":""}]`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestLiveHasNoMoreRequestsThanItsBounds(t *testing.T) {
	var all []traffic.Request
	for range MaxLive + 1 {
		all = append(all, get(1, 200, "one", "x"))
	}
	r, info := record(t, nil, all...)
	live := loadLive(t, r, info, LiveQuery{Limit: MaxLive + 1})
	if len(live.Rows) != MaxLive || live.Skipped != 1 || live.Last != MaxLive+1 || live.Seen != MaxLive+1 {
		t.Errorf("%d rows, %d skipped, %d seen, last %d; want %d and 1 of all", len(live.Rows), live.Skipped, live.Seen, live.Last, MaxLive)
	}
}

// Specs that a run has left without an end do not run any more.
func TestSpecsRunWhileTheRunDoes(t *testing.T) {
	specs := []traffic.Spec{{Test: "one", Worker: "2", Start: at(100)}, {Test: "two", Start: at(0), End: at(50), Outcome: traffic.SpecPassed}}
	r, info := record(t, specs)
	if live := loadLive(t, r, info, LiveQuery{}); len(live.Running) != 0 || live.Specs != 2 || live.SpecsEnded != 1 {
		t.Errorf("%+v of a run with an end, want no running one, and 1 of 2 ended", live)
	}
	info.End = time.Time{}
	if d := cmp.Diff([]Running{{Test: "one", Worker: "2", Start: 100}}, loadLive(t, r, info, LiveQuery{}).Running); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestLiveTellsWhichTestsSendRequests(t *testing.T) {
	old, now := get(0, 0, "old", "x"), get(0, 0, "one", "x")
	now.Start = time.Now()
	r, info := record(t, nil, old, now)
	if live := loadLive(t, r, info, LiveQuery{}); len(live.Sending) != 0 {
		t.Errorf("%+v send requests in a run that has ended", live.Sending)
	}
	info.End = time.Time{}
	if d := cmp.Diff([]Sending{{"one", millis(now.Start.Sub(info.Start))}}, loadLive(t, r, info, LiveQuery{}).Sending); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}
