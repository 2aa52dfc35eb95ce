package acceptance

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// serve starts "proxy serve" for a kubeconfig and returns the kubeconfig that it prints. The proxy ends with the test.
func serve(t *testing.T, kubeconfig, mode, db string) (proxied string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "proxy"), "serve", "--kubeconfig", kubeconfig, "--mode", mode, "--db", db)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop(t, cmd)
		if t.Failed() {
			t.Logf("proxy serve: %s", stderr.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("read what proxy serve prints: %v", err)
	}
	return strings.Trim(strings.TrimPrefix(strings.TrimSpace(line), "export KUBECONFIG="), "'")
}

func stop(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	if err := cmd.Wait(); err != nil {
		t.Errorf("proxy serve: %v", err)
	}
}

// load reads a kubeconfig for client-go.
func load(t *testing.T, kubeconfig string) *rest.Config {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
