package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/clustertest"
)

// bin is the folder of the commands under test, which TestMain builds. Git ignores it.
var bin = filepath.Join("..", "..", ".cache", "acceptance")

func TestMain(m *testing.M) {
	if crowdMain() {
		return
	}
	flag.Parse()
	if !testing.Short() {
		if err := build(bin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	clustertest.Main(m)
}

func build(dir string) error {
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "e2etap/cmd/proxy", "e2etap/cmd/report")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the commands: %w\n%s", err, out)
	}
	return nil
}

// commandTimeout bounds every command of these tests, far above what any takes.
const commandTimeout = 3 * time.Minute

// run runs a command with the cluster's kubeconfig and tools and returns its standard output. Its exit code is err's.
func run(t *testing.T, c *clustertest.Cluster, name string, args ...string) (stdout string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig, "PATH="+c.BinDir+":"+os.Getenv("PATH"))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if err != nil {
		t.Logf("%s %q: %v\n%s\n%s", filepath.Base(name), args, err, tail(out.String()), tail(errOut.String()))
	}
	return out.String(), err
}

// mustRun is run for commands that succeed.
func mustRun(t *testing.T, c *clustertest.Cluster, name string, args ...string) string {
	t.Helper()
	out, err := run(t, c, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tail(s string) string { return s[max(0, len(s)-4000):] }

// modes are the ways of "proxy run --mode".
var modes = []string{"server", "proxy-url"}

// proxied runs a command behind the proxy, recording into db.
func proxied(t *testing.T, c *clustertest.Cluster, mode, db string, command ...string) (string, error) {
	t.Helper()
	args := append([]string{"run", "--mode", mode, "--db", db, "--run-name", mode, "--"}, command...)
	return run(t, c, filepath.Join(bin, "proxy"), args...)
}

// row is a request of "report --list -o json".
type row struct {
	Test      string `json:"test"`
	Source    string `json:"test_source"`
	Verb      string `json:"verb"`
	Group     string `json:"group"`
	Version   string `json:"version"`
	Resource  string `json:"resource"` // with its subresource, as in "pods/status"
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Path      string `json:"path"`
	Status    int    `json:"status"`
	Outcome   string `json:"outcome"`
	UserAgent string `json:"user_agent"`
	TaggedAs  string `json:"tagged_as"`
	Why       string `json:"test_why"`
	PID       int    `json:"pid"`
	Start     string `json:"time"`
	AuditID   string `json:"audit_id"`
	BytesIn   int64  `json:"bytes_in"`
	BytesOut  int64  `json:"bytes_out"`
}

// rows reads a run back.
func rows(t *testing.T, c *clustertest.Cluster, db, runName string) []row {
	t.Helper()
	out := mustRun(t, c, filepath.Join(bin, "report"), "--db", db, "--run", runName, "--list", "-o", "json")
	var list []row
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("report --list -o json: %v\n%s", err, tail(out))
	}
	return list
}
