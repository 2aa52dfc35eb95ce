package acceptance

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"e2etap/internal/clustertest"
)

// fewSpecs are of the focus, with kubectl and watches among their requests.
var fewSpecs = strings.Join([]string{
	"Kubectl describe should check if kubectl describe prints relevant information for rc and pods",
	"Secrets should patch a secret",
	"ServiceAccounts should run through the lifecycle of a ServiceAccount",
}, "|")

// TestRunsAreExplainedByTheAuditLog runs conformance specs behind the proxy and cross-checks what it recorded with the log of the
// API server: everything recorded is in it as it was, and everything else in it is of programs that are not behind the proxy.
// Then kubectl goes around the proxy, and is named.
func TestRunsAreExplainedByTheAuditLog(t *testing.T) {
	cluster := clustertest.Start(t)
	dir := t.TempDir()
	recording := filepath.Join(dir, "e2e.db")
	start := now(t, cluster)
	proxied(t, cluster, "server", recording, cluster.E2ETest(), "--provider=skeleton", "--kubectl-path="+cluster.Kubectl(),
		"--ginkgo.no-color", "--ginkgo.focus="+fewSpecs)
	list := rows(t, cluster, recording, "server")
	if len(list) < 50 {
		t.Errorf("%d requests are recorded, want 50 at least to compare", len(list))
	}
	explained(t, cluster, recording, "server", start, list)
}

// explained checks that the audit log has all of a run's requests as they were recorded, and no others of their programs.
func explained(t *testing.T, c *clustertest.Cluster, recording, runName string, since moment, list []row) {
	t.Helper()
	waitLogged(t, c, since, list)
	cells, err := crossCheck(t, c, recording, runName)
	if err != nil || cells["matched"] != len(list) {
		t.Errorf("%v, %v; want all %d recorded requests matched", cells, err, len(list))
	}
	for cell, n := range cells {
		if cell != "matched" && cell != "own" && cell != "others" {
			t.Errorf("%d requests are %s", n, cell)
		}
	}
	t.Logf("%d requests recorded; %v", len(list), cells)
}

// TestAClientThatGoesAroundTheProxyIsNamed in the comparison: kubectl with the cluster's own kubeconfig, beside kubectl with the
// proxy's.
func TestAClientThatGoesAroundTheProxyIsNamed(t *testing.T) {
	cluster := clustertest.Start(t)
	recording := filepath.Join(t.TempDir(), "e2e.db")
	start := now(t, cluster)
	kubectl := cluster.Kubectl()
	if _, err := proxied(t, cluster, "server", recording, "sh", "-c", kubectl+" get pods -A && "+kubectl+" --kubeconfig="+cluster.Kubeconfig+" get nodes"); err != nil {
		t.Fatal(err)
	}
	list := rows(t, cluster, recording, "server")
	waitLogged(t, cluster, start, list)
	cells, err := crossCheck(t, cluster, recording, "server")
	if err == nil || cells["around"] == 0 || cells["matched"] != len(list) {
		t.Errorf("%v, %v; want exit code 1, all %d recorded requests matched, and some around", cells, err, len(list))
	}
	out, _ := run(t, cluster, filepath.Join(bin, "report"), "cross-check", "--db", recording, "--list", "around", "-o", "csv")
	if !strings.Contains(out, "/api/v1/nodes,200,kubectl/") {
		t.Errorf("want kubectl's request for nodes in:\n%s", out)
	}
}

// waitLogged waits until the audit log has all of a run's requests, and one that is sent when they are over.
func waitLogged(t *testing.T, c *clustertest.Cluster, since moment, list []row) {
	t.Helper()
	mustRun(t, c, c.Kubectl(), "get", "--raw", "/readyz")
	c.WaitAudit(t, since.offset, func(events []clustertest.AuditEvent) bool {
		logged, last := map[string]bool{}, false
		for _, e := range events {
			logged[e.AuditID] = true
			last = last || strings.HasPrefix(e.RequestURI, "/readyz") && strings.HasPrefix(e.UserAgent, "kubectl/")
		}
		for _, r := range list {
			last = last && logged[r.AuditID]
		}
		return last
	})
}

// crossCheck imports the cluster's audit log and returns the number of requests by cell.
func crossCheck(t *testing.T, c *clustertest.Cluster, recording, runName string) (cells map[string]int, err error) {
	t.Helper()
	report := filepath.Join(bin, "report")
	mustRun(t, c, report, "import-audit", "--db", recording, c.AuditLog)
	out, err := run(t, c, report, "cross-check", "--db", recording, "--run", runName, "-o", "json")
	return cellsOf(t, out), err
}

// cellsOf reads the number of requests by cell of "cross-check -o json".
func cellsOf(t *testing.T, out string) map[string]int {
	t.Helper()
	var lines []struct {
		Cell     string
		Requests int
	}
	if err := json.Unmarshal([]byte(out), &lines); err != nil {
		t.Fatalf("report cross-check -o json: %v\n%s", err, out)
	}
	cells := map[string]int{}
	for _, line := range lines {
		cells[line.Cell] += line.Requests
	}
	return cells
}
