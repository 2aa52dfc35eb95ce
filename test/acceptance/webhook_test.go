package acceptance

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"e2etap/internal/clustertest"
)

// background starts a command that a signal ends, with the test at the latest, and returns what it writes.
func background(t *testing.T, name string, args ...string) (cmd *exec.Cmd, stdout, stderr *text) {
	t.Helper()
	stdout, stderr = new(text), new(text)
	cmd = exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			stop(t, cmd)
		}
		if t.Failed() {
			t.Logf("%q: %s%s", cmd.Args, tail(stdout.String()), tail(stderr.String()))
		}
	})
	return cmd, stdout, stderr
}

// text can be read while it is written.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (x *text) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.Write(p)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.String()
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// TestTheWebhookHasWhatTheAuditLogHas lets an API server write its audit log and send it to audit-webhook, too, while import-audit
// follows what that writes: every request of the log is in both, by its audit ID.
func TestTheWebhookHasWhatTheAuditLogHas(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a Kubernetes cluster")
	}
	dir := t.TempDir()
	sent, kubeconfig := filepath.Join(dir, "sent.log"), filepath.Join(dir, "webhook.kubeconfig")
	_, _, said := background(t, filepath.Join(bin, "proxy"), "audit-webhook", "--out", sent, "--kubeconfig-out", kubeconfig)
	eventually(t, "audit-webhook listens", func() bool { return strings.Contains(said.String(), "--audit-webhook-config-file=") })
	cluster := clustertest.StartOwn(t, "--audit-webhook-config-file="+kubeconfig, "--audit-webhook-batch-max-wait=1s")
	recording := filepath.Join(dir, "e2e.db")
	list := record(t, cluster, recording)
	follow, table, _ := background(t, filepath.Join(bin, "report"), "import-audit", "--follow", "--db", recording, "-o", "json", sent)

	mustRun(t, cluster, cluster.Kubectl(), "create", "configmap", "later", "--from-literal=password=hidden")
	waitLogged(t, cluster, moment{}, list)
	logged, err := os.ReadFile(cluster.AuditLog)
	if err != nil {
		t.Fatal(err)
	}
	want := auditIDs(t, wholeLines(logged))
	eventually(t, "all events of the audit log are in the webhook's file", func() bool {
		data, err := os.ReadFile(sent)
		if err != nil {
			t.Fatal(err)
		}
		return hasAll(auditIDs(t, wholeLines(data)), want)
	})
	stop(t, follow)
	t.Logf("%d events are in both; followed: %s", len(want), table.String())

	// the log itself, up to then, tells the recording nothing new
	before := filepath.Join(dir, "before.log")
	if err := os.WriteFile(before, wholeLines(logged), 0o600); err != nil {
		t.Fatal(err)
	}
	out := mustRun(t, cluster, filepath.Join(bin, "report"), "import-audit", "--db", recording, "-o", "json", before)
	var counts []struct{ Requests, New, Completed, Known, Broken int }
	if err := json.Unmarshal([]byte(out), &counts); err != nil || len(counts) != 1 {
		t.Fatalf("import-audit -o json: %v\n%s", err, out)
	}
	if c := counts[0]; c.New+c.Completed+c.Broken != 0 || c.Known < len(list) {
		t.Errorf("%+v; want that all requests are known, %d at least", c, len(list))
	}
	out, err = run(t, cluster, filepath.Join(bin, "report"), "cross-check", "--db", recording, "--run", "server", "-o", "json")
	if cells := cellsOf(t, out); err != nil || cells["matched"] != len(list) {
		t.Errorf("%v, %v; want all %d recorded requests matched", cells, err, len(list))
	}
}

// record records some requests of kubectl.
func record(t *testing.T, c *clustertest.Cluster, recording string) []row {
	t.Helper()
	kubectl := c.Kubectl()
	if _, err := proxied(t, c, "server", recording, "sh", "-c", kubectl+" get pods -A && "+kubectl+" get nodes"); err != nil {
		t.Fatal(err)
	}
	return rows(t, c, recording, "server")
}

// auditIDs are those of a log's events, with their stages. The events must be whole, and without objects.
func auditIDs(t *testing.T, log []byte) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for d := json.NewDecoder(bytes.NewReader(log)); ; {
		var event struct {
			AuditID, Stage                string
			RequestObject, ResponseObject json.RawMessage
		}
		if err := d.Decode(&event); err == io.EOF {
			return ids
		} else if err != nil {
			t.Fatal(err)
		}
		if event.AuditID == "" || event.RequestObject != nil || event.ResponseObject != nil {
			t.Fatalf("event %+v, want an audit ID and no objects", event)
		}
		ids[event.AuditID+" "+event.Stage] = true
	}
}

// wholeLines leaves a line out that is being written.
func wholeLines(log []byte) []byte { return log[:bytes.LastIndexByte(log, '\n')+1] }

func hasAll(ids, want map[string]bool) bool {
	for id := range want {
		if !ids[id] {
			return false
		}
	}
	return true
}
