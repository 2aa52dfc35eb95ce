package db

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

func TestAuditedCountsWhatOnlyTheLogHas(t *testing.T) {
	e := withAudit(t)
	got, err := e.Audited(Filter{Runs: []int64{1}})
	if err != nil {
		t.Fatal(err)
	}
	pods := func(verb string) Endpoint { return Endpoint{Verb: verb, Version: "v1", Resource: "pods"} }
	want := map[Audited]int64{
		{"recorded", traffic.RoleTest, "e2e.test", pods("get"), 200}:                                        1,
		{"only audited", traffic.RoleBehalf, "e2e.test", pods("get"), 200}:                                  1,
		{"only audited", traffic.RoleBehalf, "e2e.test", pods("delete"), 404}:                               1,
		{"", traffic.RoleNoise, "e2e.test", Endpoint{Verb: "watch", Version: "v1", Resource: "nodes"}, 200}: 1,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestAuditedKeepsToTheFilter(t *testing.T) {
	e := withAudit(t)
	for name, f := range map[string]Filter{
		"another run": {Runs: []int64{2}}, "a test": {Runs: []int64{1, 2}, Tests: []string{"recorded"}, Verb: "get"},
		"a status": {Runs: []int64{1}, Status: "4xx"}, "nothing": {Runs: []int64{1}, Verb: "patch"},
	} {
		without, _, err := e.Summarize([]Dimension{Role}, f)
		if err != nil {
			t.Fatal(err)
		}
		f.Audit = true
		with, _, err := e.Summarize([]Dimension{Role}, f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Audited(f)
		if err != nil {
			t.Fatal(err)
		}
		sum := func(groups []Group) (n int64) {
			for i := range groups {
				n += groups[i].Requests
			}
			return n
		}
		var all int64
		for _, n := range got {
			all += n
		}
		if want := sum(with) - sum(without); all != want {
			t.Errorf("%s: %d requests, want the %d that Summarize adds", name, all, want)
		}
	}
}

func TestAuditedIsEmptyWithoutALog(t *testing.T) {
	path := dbPath(t)
	closeRecorder(t, createFor(t, path))
	if got, err := edited(t, path).Audited(Filter{Runs: []int64{1}}); err != nil || len(got) != 0 {
		t.Errorf("%v, %v; want nothing", got, err)
	}
}
