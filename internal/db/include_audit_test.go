package db

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// withAudit is a recording with two requests of a test in run-1, none in run-2, and these that only the audit log has: of run-1 one of
// the test itself, two on behalf of another one, one of the cluster, of run-2 one on behalf of the test; and one of no run.
func withAudit(t *testing.T) *Editor {
	t.Helper()
	path := dbPath(t)
	r := createFor(t, path)
	for i := range 2 {
		q := some(1)[0]
		q.Start, q.Test, q.Source, q.AuditID, q.Status = start.Add(time.Duration(i)*time.Second), "recorded", traffic.SourceUserAgent, auditOf(i).ID, 200
		q.API = traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "ns", Name: "a"}
		q.Path = "/api/v1/namespaces/ns/pods/a"
		finish(t, r, q)
	}
	closeRecorder(t, r)
	closeRecorder(t, createFor(t, path))
	var log []traffic.Audit
	for i := range 8 {
		a := auditOf(i)
		switch i {
		case 4:
			a.API.Verb, a.API.Namespace, a.Path, a.Status = "delete", "other", "/api/v1/namespaces/other/pods/a", 404
		case 5:
			a.API, a.Path, a.User = traffic.API{Verb: "watch", Version: "v1", Resource: "nodes"}, "/api/v1/nodes", "system:node:x"
			a.Completed, a.Stages = time.Time{}, traffic.AuditReceived|traffic.AuditStarted
		}
		if i == 6 {
			a.Completed, a.Stages = time.Time{}, traffic.AuditReceived
		}
		log = append(log, a)
	}
	importAudits(t, path, log...)
	e := edited(t, path)
	judge(t, e, 1, 2, 5, func(second int) (Judgement, bool) {
		switch second {
		case 2:
			return Judgement{traffic.RoleTest, traffic.Attribution{Test: "recorded", Source: traffic.SourceUserAgent}}, true
		case 3:
			return Judgement{traffic.RoleBehalf, traffic.Attribution{Test: "only audited", Source: traffic.SourceAccount}}, true
		case 4:
			return behalfOf("only audited"), true
		}
		return Judgement{traffic.RoleNoise, traffic.Attribution{Why: traffic.WhyOutside}}, true
	})
	judge(t, e, 2, 6, 6, always(behalfOf("recorded")))
	return e
}

// sumUp groups requests, one line for each group: its keys and how many.
func sumUp(t *testing.T, e *Editor, by []Dimension, f Filter) (lines []string) {
	t.Helper()
	groups, _, err := e.Summarize(by, f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range groups {
		lines = append(lines, fmt.Sprintf("%q %d", groups[i].Keys, groups[i].Requests))
	}
	return lines
}

func wantSums(t *testing.T, e *Editor, by []Dimension, f Filter, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, sumUp(t, e, by, f)); d != "" {
		t.Errorf("%v by %v: -want +got\n%s", f, by, d)
	}
}

func TestSumsIncludeTheAuditLogIfAsked(t *testing.T) {
	e := withAudit(t)
	wantSums(t, e, []Dimension{Test, Role}, Filter{Runs: []int64{1}}, `["recorded" "test"] 2`)
	wantSums(t, e, []Dimension{Test, Role}, Filter{Runs: []int64{1}, Audit: true},
		`["recorded" "test"] 3`, `["only audited" "behalf"] 2`, `["" "noise"] 1`)
	wantSums(t, e, []Dimension{Test, Role}, Filter{Runs: []int64{2}, Audit: true}, `["recorded" "behalf"] 1`)
	wantSums(t, e, []Dimension{Role}, Filter{Runs: []int64{1, 2}, Audit: true}, `["behalf"] 3`, `["test"] 3`, `["noise"] 1`)
}

func TestAuditedSumsAreWhatTheLogTells(t *testing.T) {
	e := withAudit(t)
	groups, total, err := e.Summarize([]Dimension{Test}, Filter{Runs: []int64{1}, Audit: true, Tests: []string{"only audited"}})
	if err != nil || len(groups) != 1 {
		t.Fatalf("%d groups, %v; want 1", len(groups), err)
	}
	want := Group{
		Keys: []string{"only audited"}, Requests: 2, Errors4xx: 1, Endpoints: 2, Timed: 2,
		P50: groups[0].P50, P99: groups[0].P99, Max: time.Millisecond,
	}
	want.Sources[traffic.SourceAccount], want.Sources[traffic.SourceNamespace] = 1, 1
	if d := cmp.Diff(want, groups[0]); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if want.Keys = nil; cmp.Diff(want, total) != "" {
		t.Errorf("total: %s", cmp.Diff(want, total))
	}
	if p := want.P50; p < 980*time.Microsecond || p > 1020*time.Microsecond {
		t.Errorf("p50 is %v, want 1 ms, give or take 2 %%", p)
	}
}

func TestAuditedRequestsThatWereNotCompletedAreNotTimed(t *testing.T) {
	e := withAudit(t)
	groups, _, err := e.Summarize([]Dimension{Test}, Filter{Runs: []int64{2}, Audit: true})
	if err != nil || len(groups) != 1 || groups[0].Requests != 1 || groups[0].Timed != 0 {
		t.Errorf("%+v, %v; want one request, not timed", groups, err)
	}
}

func TestFiltersHoldForAuditedRequests(t *testing.T) {
	e := withAudit(t)
	for name, tt := range map[string]struct {
		f    Filter
		want []string
	}{
		"test":      {Filter{Tests: []string{"only audited"}}, []string{"3 behalf", "4 behalf"}},
		"no test":   {Filter{Tests: []string{""}}, []string{"5 noise"}},
		"verb":      {Filter{Verb: "delete"}, []string{"4 behalf"}},
		"resource":  {Filter{Resource: "nodes"}, []string{"5 noise"}},
		"namespace": {Filter{Namespace: "other"}, []string{"4 behalf"}},
		"status":    {Filter{Status: "4xx"}, []string{"4 behalf"}},
		"source":    {Filter{Source: "service-account"}, []string{"3 behalf"}},
		"no source": {Filter{Source: "none"}, []string{"5 noise"}},
		"since":     {Filter{Since: start.Add(1500 * time.Millisecond)}, []string{"2 test", "3 behalf", "4 behalf", "5 noise"}},
		"two":       {Filter{Namespace: "ns", Source: "user-agent"}, []string{"0 test", "1 test", "2 test"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := tt.f
			f.Runs, f.Audit = []int64{1}, true
			var got []string
			err := e.List(f, func(v *Entry) error {
				got = append(got, fmt.Sprint(v.Start.Sub(start).Seconds())+" "+v.Role)
				return nil
			})
			if d := cmp.Diff(tt.want, got); err != nil || d != "" {
				t.Errorf("%v, -want +got\n%s", err, d)
			}
			_, total, err := e.Summarize([]Dimension{Verb}, f)
			if err != nil || total.Requests != int64(len(tt.want)) {
				t.Errorf("%d requests summed up, %v; want %d", total.Requests, err, len(tt.want))
			}
		})
	}
}

// The summary and the rows tell the same of recorded requests, and both are given the audited ones.
func TestAuditedQuestionsHaveOneAnswer(t *testing.T) {
	e := withAudit(t)
	for _, by := range [][]Dimension{{Test}, {Verb}, {Resource}, {Status}, {Source}, {Role}, {Test, Role}, {Test, Role, Verb, Resource, Status, Source}} {
		for _, f := range []Filter{
			{Runs: []int64{1}}, {Runs: []int64{1, 2}}, {Runs: []int64{1}, Tests: []string{"recorded"}}, {Runs: []int64{1, 2}, Status: "200"}, {Runs: []int64{1}, Verb: "get"},
		} {
			f.Audit = true
			sums, sumsTotal, err1 := e.summarize(by, f, false)
			rows, rowsTotal, err2 := e.summarize(by, f, true)
			if err := errors.Join(err1, err2); err != nil || len(rows) == 0 {
				t.Errorf("%v by %v: %d groups, %v", f, by, len(rows), err)
			}
			if d := cmp.Diff(append(rows, rowsTotal), append(sums, sumsTotal)); d != "" {
				t.Errorf("%v by %v: -rows +summary\n%s", f, by, d)
			}
		}
	}
}

func TestAuditedRequestsAreListed(t *testing.T) {
	e := withAudit(t)
	var got []Entry
	f := Filter{Runs: []int64{1}, Audit: true, Since: start.Add(3500 * time.Millisecond)}
	if err := e.List(f, func(v *Entry) error { got = append(got, *v); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []Entry{
		{
			ID: 5, Run: "run-1", Start: auditOf(4).Received, Verb: "delete", Path: "/api/v1/namespaces/other/pods/a", Version: "v1",
			Resource: "pods", Namespace: "other", Name: "a", Status: 404, Outcome: "complete", Duration: time.Millisecond,
			Test: "only audited", TestSource: "namespace", Phase: "after", UserAgent: "e2e.test/v1 -- a test", AuditID: auditOf(4).ID, Role: "behalf", User: "admin",
		},
		{
			ID: 6, Run: "run-1", Start: auditOf(5).Received, Verb: "watch", Path: "/api/v1/nodes", Version: "v1",
			Resource: "nodes", Status: 200, Outcome: "unfinished", TestSource: "none", Why: "outside of the tests",
			UserAgent: "e2e.test/v1 -- a test", AuditID: auditOf(5).ID, Role: "noise", User: "system:node:x",
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestTestsThatOnlyTheLogHasCanBeAskedFor(t *testing.T) {
	e := withAudit(t)
	for runs, want := range map[int64][]string{1: {"only audited"}, 2: nil} {
		if names, err := e.MatchTests("*audited", []int64{runs}); err != nil || cmp.Diff(want, names) != "" {
			t.Errorf("run %d: %q, %v; want %q", runs, names, err, want)
		}
	}
	if names, err := e.MatchTests("record", []int64{2}); err != nil || len(names) != 1 {
		t.Errorf("%q, %v; want the test of which run-2 has but an audited request", names, err)
	}
}
