package acceptance

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"e2etap/internal/clustertest"
)

const streamBytes = 5 << 20

// streams is a script of all that kubectl does over upgraded connections. It prints what it checks.
const streams = `set -e
kubectl exec -i "$POD" -- cat < "$DATA" | cmp - "$DATA"; echo exec over WebSocket
KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false kubectl exec -i "$POD" -- cat < "$DATA" | cmp - "$DATA"; echo exec over SPDY
kubectl exec "$POD" -- sh -c 'exit 7' 2>/dev/null || echo "exec ends with $?"
kubectl logs "$POD" >/dev/null; echo logs
kubectl attach -q "$POD" </dev/null | head -n 1 >/dev/null; echo attach
kubectl cp "$DATA" "$POD:$DATA.up" 2>/dev/null; cmp "$DATA" "$DATA.up"; echo cp to the pod
kubectl cp "$POD:$DATA" "$DATA.down" >/dev/null 2>&1; cmp "$DATA" "$DATA.down"; echo cp from the pod
kubectl exec "$POD" --as=viewer -- true 2>&1 | grep -o 'is forbidden'
kubectl port-forward "$POD" :8080 > "$DATA.forward" & forward=$!
until port=$(grep -o '127.0.0.1:[0-9]*' "$DATA.forward"); do sleep 0.05; done
exec 3<> "/dev/tcp/127.0.0.1/${port#*:}"
head -c $SIZE <&3 > "$DATA.echo" & echo=$!
cat "$DATA" >&3; wait $echo; cmp "$DATA" "$DATA.echo"; kill $forward; echo port-forward
`

const streamed = `exec over WebSocket
exec over SPDY
exec ends with 7
logs
attach
cp to the pod
cp from the pod
is forbidden
port-forward
`

// TestStreams takes 5 MiB each way through exec, cp and port-forward, over SPDY and over WebSocket, with and without the proxy.
func TestStreams(t *testing.T) {
	cluster := clustertest.Start(t)
	pod := startPod(t, cluster)
	script := streamScript(t, pod)
	if got := mustRun(t, cluster, "bash", "-c", script); got != streamed {
		t.Fatalf("without the proxy the script printed %q, want %q", got, streamed)
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "e2e.db")
			start := now(t, cluster)
			got, err := proxied(t, cluster, mode, db, "bash", "-c", script)
			if err != nil || got != streamed {
				t.Fatalf("printed %q, want %q", got, streamed)
			}
			list := rows(t, cluster, db, mode)
			compareWithAudit(t, cluster, start, list)
			checkUpgrades(t, list)
		})
	}
}

func streamScript(t *testing.T, pod string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	random := make([]byte, streamBytes)
	rand.Read(random)
	if err := os.WriteFile(data, random, 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("POD=%s DATA=%s SIZE=%d\n%s", pod, data, streamBytes, streams)
}

// startPod makes a pod, and a user who may see it but not exec. Both are deleted with the test.
func startPod(t *testing.T, c *clustertest.Cluster) string {
	t.Helper()
	const pod = "e2etap-streams"
	mustRun(t, c, c.Kubectl(), "run", pod, "--image=none", "--restart=Never")
	t.Cleanup(func() { mustRun(t, c, c.Kubectl(), "delete", "pod", pod, "--force", "--grace-period=0") })
	const binding = "e2etap-viewer"
	mustRun(t, c, c.Kubectl(), "create", "clusterrolebinding", binding, "--clusterrole=view", "--user=viewer")
	t.Cleanup(func() { mustRun(t, c, c.Kubectl(), "delete", "clusterrolebinding", binding) })
	mustRun(t, c, c.Kubectl(), "wait", "--for=condition=Ready", "pod/"+pod, "--timeout=60s")
	return pod
}

// checkUpgrades looks for the bytes that went through upgraded connections.
func checkUpgrades(t *testing.T, list []row) {
	t.Helper()
	var in, out int
	var forbidden bool
	for _, r := range list {
		if r.Resource != "pods/exec" {
			continue
		}
		if r.Status == 101 && r.BytesIn > streamBytes {
			in++
		}
		if r.Status == 101 && r.BytesOut > streamBytes {
			out++
		}
		forbidden = forbidden || r.Status == 403
	}
	if in != 3 || out != 3 {
		t.Errorf("%d streams took 5 MiB to the pod and %d from it, want 3 and 3", in, out)
	}
	if !forbidden {
		t.Error("the upgrade that was forbidden has no row")
	}
}

// TestNoTestIsGuessed checks that what kubectl sends has no test.
func TestNoTestIsGuessed(t *testing.T) {
	cluster := clustertest.Start(t)
	db := filepath.Join(t.TempDir(), "e2e.db")
	want := mustRun(t, cluster, cluster.Kubectl(), "get", "namespaces", "-o", "name")
	got, err := proxied(t, cluster, "server", db, "kubectl", "get", "namespaces", "-o", "name")
	if err != nil || got != want {
		t.Errorf("behind the proxy kubectl printed %q, want %q", got, want)
	}
	list := rows(t, cluster, db, "server")
	for _, r := range list {
		if r.Test != "" || r.Source != "none" {
			t.Errorf("%s %s has the test %q by %s", r.Verb, r.Path, r.Test, r.Source)
		}
	}
	if len(list) == 0 {
		t.Error("nothing was recorded")
	}
}
