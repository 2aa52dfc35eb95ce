package view

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// logged are the requests of an audit log, a second apart, by their role, their test, the program, verb, resource and status.
var logged = []string{
	"behalf one kube-controller-manager create pods 201",
	"behalf one kube-controller-manager create pods 409",
	"behalf one kubelet get pods 200",
	"behalf unseen kube-controller-manager delete pods/status 200",
	"test one kubectl get pods 503",
	"noise - kubelet update nodes/status 200",
	"noise - kubelet update nodes/status 200",
	"other - curl get nodes 403",
	"noise - kubelet get /livez 200",
}

// withLog is record with an audit log of the run's time.
func withLog(t *testing.T, requests ...traffic.Request) (*db.Reader, db.RunInfo) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	r, info := recordIn(t, path, nil, requests...)
	e, err := db.OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	judged := map[string]db.Judgement{}
	_, err = e.ImportAudit(func(w *db.AuditWriter) error {
		for i, line := range logged {
			a, j := parseLogged(i, line)
			judged[a.ID] = j
			if err := w.Add(&a); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = e.JudgeAudit(info.ID, start, start.Add(time.Minute), func(a *traffic.Audit) (db.Judgement, bool) { return judged[a.ID], true })
	}
	if err := errors.Join(err, e.Close()); err != nil {
		t.Fatal(err)
	}
	return r, info
}

func parseLogged(i int, line string) (a traffic.Audit, j db.Judgement) {
	var role, test, what string
	a = traffic.Audit{ID: fmt.Sprintf("a-%d", i), Received: at(1000 * i), Stages: traffic.AuditReceived, API: traffic.API{Version: "v1"}}
	fmt.Sscan(line, &role, &test, &a.UserAgent, &a.API.Verb, &what, &a.Status)
	a.API.Resource, a.API.Subresource, _ = strings.Cut(what, "/")
	if a.Path = "/api/v1/" + what; a.API.Resource == "" {
		a.API.Version, a.API.Subresource, a.Path = "", "", what
	}
	for i, name := range traffic.RoleNames() {
		if name == role {
			j.Role = traffic.Role(i)
		}
	}
	if test != "-" {
		j.Test, j.Source = test, traffic.SourceNamespace
	}
	return a, j
}

func loadAudited(t *testing.T, r *db.Reader, info db.RunInfo) *Audited {
	t.Helper()
	a, err := LoadAudited(r, info)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAuditedTellsWhatWasAskedForByTestAndRole(t *testing.T) {
	r, info := withLog(t, get(0, 200, "one", "x"))
	a := loadAudited(t, r, info)
	want := &Audited{
		Roles: []AuditedRole{{"test", 1, 0, 1}, {"behalf", 4, 1, 0}, {"noise", 3, 0, 0}, {"other", 1, 1, 0}},
		Tests: []AuditedTest{
			{"", []AuditedRole{{"noise", 3, 0, 0}, {"other", 1, 1, 0}}, []Asked{
				{AuditedRole{"noise", 2, 0, 0}, "kubelet", "update", "", "v1", "nodes", "status", ""},
				{AuditedRole{"noise", 1, 0, 0}, "kubelet", "get", "", "", "", "", "/livez"},
				{AuditedRole{"other", 1, 1, 0}, "curl", "get", "", "v1", "nodes", "", ""},
			}},
			{"one", []AuditedRole{{"test", 1, 0, 1}, {"behalf", 3, 1, 0}}, []Asked{
				{AuditedRole{"behalf", 2, 1, 0}, "kube-controller-manager", "create", "", "v1", "pods", "", ""},
				{AuditedRole{"behalf", 1, 0, 0}, "kubelet", "get", "", "v1", "pods", "", ""},
				{AuditedRole{"test", 1, 0, 1}, "kubectl", "get", "", "v1", "pods", "", ""},
			}},
			{"unseen", []AuditedRole{{"behalf", 1, 0, 0}}, []Asked{
				{AuditedRole{"behalf", 1, 0, 0}, "kube-controller-manager", "delete", "", "v1", "pods", "status", ""},
			}},
		},
	}
	if d := cmp.Diff(want, a); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// report adds up what was recorded and what only the log has; the view tells the latter alone.
func TestAuditedHasTheNumbersThatReportAdds(t *testing.T) {
	r, info := withLog(t, get(0, 404, "one", "x"), get(1, 200, "two", "x"), get(2, 500, "", "x"))
	sums := func(audit bool) map[string][3]int64 {
		all := map[string][3]int64{}
		groups, _, err := r.Summarize([]db.Dimension{db.Test, db.Role, db.Client, db.Verb, db.Resource, db.APIGroup}, db.Filter{Runs: []int64{info.ID}, Audit: audit})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			all[strings.Join(g.Keys, " ")] = [3]int64{g.Requests, g.Errors4xx, g.Errors5xx}
		}
		return all
	}
	want := sums(true)
	maps.DeleteFunc(want, func(k string, v [3]int64) bool { return sums(false)[k] == v })
	got := map[string][3]int64{}
	for _, test := range loadAudited(t, r, info).Tests {
		for _, a := range test.Asked {
			resource := strings.TrimSuffix(a.Resource+"/"+a.Subresource, "/")
			got[strings.Join([]string{test.Name, a.Role, a.Client, a.Verb, resource, a.Group}, " ")] = [3]int64{a.Requests, a.Errors4xx, a.Errors5xx}
		}
	}
	if d := cmp.Diff(want, got); d != "" || len(got) != 7 {
		t.Errorf("%d groups, want 7; -report +view\n%s", len(got), d)
	}
}

func TestAuditedIsNilWithoutALog(t *testing.T) {
	r, info := record(t, nil, get(0, 200, "one", "x"))
	if a := loadAudited(t, r, info); a != nil {
		t.Errorf("%+v, want nil", a)
	}
}
