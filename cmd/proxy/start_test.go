package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestUnreachableAPIServerMayComeUpLater(t *testing.T) {
	t.Parallel()
	address, listen := refusing(t)
	late := unstartedAPI(t)
	ca := caOf(newAPI(t)) // all test servers have the same
	b := newBench(t, kubeconfigFor("https://"+address, ca, "{token: t}"))
	p, kubeconfig := b.serve()
	p.eventually("the warning", func() bool { return strings.Contains(p.stderr.String(), "connection refused") })
	contains(t, p.stderr.String(), "e2etap: warning: API server https://"+address+" does not tell its version: ")
	c, err := newTestClient(kubeconfig, "")
	must(t, err)
	if err := c.get("/early"); err == nil {
		t.Error("a request was answered while the API server was down")
	}

	must(t, late.Listener.Close())
	late.Listener = listen()
	late.StartTLS()
	must(t, c.get("/api/v1/pods"))
	p.signal(syscall.SIGTERM)
	p.ends(0)
	contains(t, p.stderr.String(), "recorded 2 requests", "not completed: 1 upstream unreachable")
}

func TestUnknownCARefusesToBegin(t *testing.T) {
	t.Parallel()
	stranger, _ := selfSigned(t)
	b := newBench(t, kubeconfigFor(newAPI(t).URL, stranger, "{}"))
	p := b.start("proxy", "run", "--db", b.db, "--", "echo", "began")
	p.ends(1)
	contains(t, p.stderr.String(), "proxy: API server https://127.0.0.1:", "certificate signed by unknown authority",
		"hint: check certificate-authority and tls-server-name of cluster \"fake\"")
	if _, err := os.Stat(b.db); err == nil || len(b.runDirs()) > 0 || p.stdout.String() != "" {
		t.Errorf("left behind: %q, recording: %v, stdout %q", b.runDirs(), err, p.stdout.String())
	}
}

func TestDeniedVersionIsAWarning(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, []byte(strings.Replace(string(api.kubeconfig()), api.URL, api.URL+"/api/v1/missing", 1)))
	p := b.start("proxy", "run", "--db", b.db, "--", "true")
	p.ends(0)
	contains(t, p.stderr.String(), "does not tell its version: ")
}

// In proxy-url mode clients keep the server's name and their credentials and come by CONNECT.
func TestProxyURLMode(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	p := b.start("proxy", "run", "--mode=proxy-url", "--db", b.db, "--", "sh", "-c", "echo {server}; client /api/v1/pods")
	p.ends(0)
	if got := strings.TrimSpace(p.stdout.String()); got != api.URL {
		t.Errorf("{server} is %q, want %q", got, api.URL)
	}
	if entries := b.entries(); len(entries) != 1 || entries[0].Status != 200 {
		t.Errorf("rows %+v, want one with status 200", entries)
	}
	if got := api.seen[len(api.seen)-1].Header.Get("Authorization"); got != "Bearer "+api.token {
		t.Errorf("Authorization at the API server %q", got)
	}
}

// The folder goes whatever ends the run, and its key is in no file of it.
func TestFolderHasNoPrivateKey(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	_, kubeconfig := b.serve()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(kubeconfig), "*"))
	must(t, err)
	if len(files) != 2 {
		t.Errorf("files %q, want the kubeconfig and the state", files)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		must(t, err)
		for _, form := range forms("PRIVATE KEY") {
			if strings.Contains(string(content), form) {
				t.Errorf("%s has a private key (%q)", file, form)
			}
		}
	}
}
