package export

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"e2etap/internal/traffic"
)

// entries are of a test with two specs, one without any, and a spec without requests.
func entries(t *testing.T) []Entry {
	t.Helper()
	spec := func(test string, second int) *traffic.Spec {
		return &traffic.Spec{Test: test, Start: start.Add(time.Duration(second) * time.Second), Location: "pods.go:12"}
	}
	later := func(second int, q traffic.Request) traffic.Request {
		q.Start = start.Add(time.Duration(second)*time.Second + 250*time.Millisecond)
		return q
	}
	const pods = "/api/v1/namespaces/a/pods"
	r, info := recorded(t, []*traffic.Spec{spec(plain, 10), spec(plain, 30), spec("idle", 20), {Test: "skipped", Outcome: traffic.SpecSkipped}, {Node: "BeforeSuite", Start: start}},
		later(9, asked(t, plain, "GET", pods+"?limit=5", 200)), later(11, asked(t, plain, "GET", pods, 200)), later(12, asked(t, plain, "GET", "/version", 200)),
		later(31, asked(t, plain, "DELETE", pods+"/x", 404)), later(5, asked(t, listed, "GET", pods+"?watch=1", 200)), later(6, asked(t, "", "GET", pods, 200)))
	list, untested, err := NewEntries(r, info)
	if err != nil || untested != 1 {
		t.Fatalf("%v, %d requests without a test, want 1", err, untested)
	}
	return list
}

func TestEntriesAreOfSpecsInOrder(t *testing.T) {
	const pods = "/api/v1/namespaces/a/pods"
	want := []Entry{
		{Timestamp: "2026-03-01T11:00:05.250000", Lines: []string{listed}, Endpoints: map[string]int64{"watch " + pods: 1}},
		{Timestamp: "2026-03-01T11:00:10.000000", Lines: []string{plain, "pods.go:12"}, Endpoints: map[string]int64{"list " + pods: 2, "get /version": 1}},
		{Timestamp: "2026-03-01T11:00:20.000000", Lines: []string{"idle", "pods.go:12"}, Endpoints: map[string]int64{}},
		{Timestamp: "2026-03-01T11:00:30.000000", Lines: []string{plain, "pods.go:12"}, Endpoints: map[string]int64{"delete " + pods + "/x": 1}},
	}
	if d := cmp.Diff(want, entries(t), cmpopts.IgnoreUnexported(Entry{})); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestEntriesAsText(t *testing.T) {
	var b bytes.Buffer
	check(t, WriteText(&b, entries(t)[1:3]))
	const want = `----------------
2026-03-01T11:00:10.000000
[sig-node] Pods should run
pods.go:12
       2: list /api/v1/namespaces/a/pods
       1: get /version
----------------
2026-03-01T11:00:20.000000
idle
pods.go:12`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
