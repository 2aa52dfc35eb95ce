package acceptance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"e2etap/internal/clustertest"
)

// measured is a line of "report evaluate -o json".
type measured struct {
	Source                          string
	Requests, Right, Wrong, Unknown int
	Recall                          *float64
}

// proven is a run of specs that was recorded by the proxy, and what the API server and the tests left of it.
type proven struct {
	cluster               *clustertest.Cluster
	dir                   string
	recording             string // of the proxy
	log, report, captured string // the audit log of the run's time, ginkgo's JSON report, and what the specs printed
}

// prove runs specs behind the proxy, which does not name tests in requests that do not name theirs, so that the log has no more than it
// would have without a proxy.
func prove(t *testing.T, before, after []string) *proven {
	t.Helper()
	c, dir := clustertest.Start(t), t.TempDir()
	p := &proven{c, dir, filepath.Join(dir, "e2e.db"), filepath.Join(dir, "audit.log"), filepath.Join(dir, "report.json"), filepath.Join(dir, "captured.log")}
	start := now(t, c)
	unseen := `exec "$@" > '` + p.captured + `'` // what the specs print is kept, and not watched by the proxy
	args := append([]string{"run", "--tag-upstream=false", "--db", p.recording, "--run-name", "server", "--", "sh", "-c", unseen, "sh"}, before...)
	args = append(append(args, "--provider=skeleton", "--kubectl-path="+c.Kubectl()), after...)
	if _, err := run(t, c, filepath.Join(bin, "proxy"), args...); err != nil {
		t.Fatal(err)
	}
	list := rows(t, c, p.recording, "server")
	if len(list) < 50 {
		t.Fatalf("%d requests are recorded, want 50 at least to compare", len(list))
	}
	waitLogged(t, c, start, list)
	p.keepLog(t, start.offset, c.AuditOffset(t))
	return p
}

// serially runs specs one after another.
func serially(t *testing.T) *proven {
	c, report := clustertest.Start(t), filepath.Join(t.TempDir(), "report.json")
	p := prove(t, []string{c.E2ETest()}, []string{"--ginkgo.no-color", "--ginkgo.v", "--ginkgo.focus=" + focus, "--ginkgo.json-report=" + report})
	p.report = report
	return p
}

// keepLog copies the part of the cluster's audit log that is of the run.
func (p *proven) keepLog(t *testing.T, from, to int64) {
	t.Helper()
	data, err := os.ReadFile(p.cluster.AuditLog)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.log, data[from:to], 0o600); err != nil {
		t.Fatal(err)
	}
}

// correlate makes a run from the log and, by these flags, what the tests left, and returns its recording.
func (p *proven) correlate(t *testing.T, name string, flags ...string) (db string) {
	t.Helper()
	db = filepath.Join(p.dir, name+".db")
	args := append([]string{"correlate", "--db", db, "--audit", p.log}, flags...)
	t.Logf("%s:\n%s", name, mustRun(t, p.cluster, filepath.Join(bin, "report"), args...))
	return db
}

// measure compares a run with what the proxy recorded: nothing may be wrong, and of all that the proxy gives to tests this part found, in
// per cent.
func (p *proven) measure(t *testing.T, db string, recall float64) {
	t.Helper()
	out := mustRun(t, p.cluster, filepath.Join(bin, "report"), "evaluate", "--db", db, "--against", p.recording, "-o", "json")
	var scores []measured
	if err := json.Unmarshal([]byte(out), &scores); err != nil {
		t.Fatalf("report evaluate -o json: %v\n%s", err, out)
	}
	t.Log(out)
	for _, s := range scores {
		if s.Source != "all" {
			continue
		}
		if s.Wrong != 0 {
			t.Errorf("%d of %d requests are wrong\n%s", s.Wrong, s.Requests, mustRun(t, p.cluster, filepath.Join(bin, "report"),
				"evaluate", "--db", db, "--against", p.recording, "--wrong", "all"))
		}
		if s.Recall == nil || *s.Recall < recall {
			t.Errorf("%d of %d requests are found, want %v %%", s.Right, s.Requests, recall)
		}
		return
	}
	t.Error("nothing is evaluated")
}

// TestACorrelatedRunIsWhatTheProxyRecorded of specs one after another: nothing is wrong, and next to nothing is missing.
func TestACorrelatedRunIsWhatTheProxyRecorded(t *testing.T) {
	p := serially(t)
	t.Run("results", func(t *testing.T) { p.measure(t, p.correlate(t, "results", "--results", p.report), 95) })
	t.Run("output", func(t *testing.T) { p.measure(t, p.correlate(t, "output", "--e2e-log", p.captured), 90) })
	t.Run("behalf", func(t *testing.T) { p.behalf(t) })
}

// TestACorrelatedParallelRunIsNotWrong: where several specs ran at a time, what nothing tells is unknown.
func TestACorrelatedParallelRunIsNotWrong(t *testing.T) {
	c := clustertest.Start(t)
	report := filepath.Join(t.TempDir(), "report.json")
	p := prove(t, []string{c.Ginkgo(), "--procs=4", "--no-color", "-v", "--focus=" + focus, "--json-report=" + filepath.Base(report),
		"--output-dir=" + filepath.Dir(report), c.E2ETest(), "--"}, nil)
	p.report = report
	p.measure(t, p.correlate(t, "results", "--results", p.report), 80)
}

// behalf checks that what the controllers did in the namespace of a spec is on its behalf.
func (p *proven) behalf(t *testing.T) {
	t.Helper()
	owners := map[string]string{} // by namespace, as the User-Agents of those in it name them
	for _, r := range rows(t, p.cluster, p.recording, "server") {
		if r.Source == "user-agent" && r.Namespace != "" && r.Namespace != "default" && r.Namespace != "kube-system" {
			owners[r.Namespace] = r.Test
		}
	}
	db := filepath.Join(p.dir, "results.db")
	out := mustRun(t, p.cluster, filepath.Join(bin, "report"), "--db", db, "--list", "--include", "audit", "-o", "json")
	var list []struct {
		row
		Role, User string
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range list {
		test := owners[r.Namespace]
		if test == "" || !strings.HasPrefix(r.UserAgent, "kube-controller-manager/") {
			continue
		}
		if n++; r.Role != "behalf" || r.Test != test {
			t.Errorf("%s %s by %s is %s of %q, want behalf of %q", r.Verb, r.Path, r.User, r.Role, r.Test, test)
		}
	}
	if n == 0 {
		t.Errorf("no request of the controllers in %d namespaces of specs", len(owners))
	}
	t.Logf("%d requests of the controllers in %d namespaces of specs", n, len(owners))
}
