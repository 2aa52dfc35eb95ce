package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServeRecordsAnotherShell(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p, _ := b.serve()
	sh := b.start("sh", "-c", fmt.Sprintf("eval '%s'; client -n 3 /api/v1/pods", strings.TrimSpace(p.stdout.String())))
	sh.ends(0)
	p.signal(syscall.SIGINT)
	p.ends(0)
	contains(t, p.stderr.String(), "recorded 3 requests of 0 tests", "report --by-test --db "+b.db+" --run run-1")
	if got := len(b.entries()); got != 3 {
		t.Errorf("%d rows, want 3", got)
	}
	if left := b.runDirs(); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestServeEndsWithSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newAPI(t).kubeconfig())
			p, _ := b.serve()
			p.signal(sig)
			p.ends(0)
			contains(t, p.stderr.String(), "e2etap: recorded 0 requests of 0 tests")
			if left := b.runDirs(); left != nil {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func TestServeEndsItsWatches(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p, kubeconfig := b.serve()
	c, err := newTestClient(kubeconfig, "")
	must(t, err)
	res, err := c.watch("/api/v1/pods")
	must(t, err)
	defer res.Body.Close()
	p.signal(syscall.SIGTERM)
	p.ends(0)
	entries := b.entries()
	if len(entries) != 1 || entries[0].Outcome != "unfinished" || entries[0].Verb != "watch" {
		t.Errorf("rows %+v, want one unfinished watch", entries)
	}
	contains(t, p.stderr.String(), "not completed: 1 unfinished")
}

func TestKubeconfigOfRunningProxies(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	none := b.start("proxy", "kubeconfig")
	none.ends(1)
	contains(t, none.stderr.String(), "no proxy of yours is running", `hint: start one with "proxy serve"`)

	first, path := b.serve()
	one := b.start("proxy", "kubeconfig")
	one.ends(0)
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), one.stdout.String()); diff != "" {
		t.Errorf("kubeconfig differs from the file that serve names (-file +printed):\n%s", diff)
	}

	b.db += "2"
	second, _ := b.serve()
	both := b.start("proxy", "kubeconfig")
	both.ends(1)
	pid := func(p *process) string { return fmt.Sprintf("--pid %d", p.cmd.Process.Pid) }
	contains(t, both.stderr.String(), "2 proxies of yours are running, choose one:", pid(first), pid(second))
	chosen := b.start("proxy", append([]string{"kubeconfig"}, strings.Fields(pid(first))...)...)
	chosen.ends(0)
	if chosen.stdout.String() != string(want) {
		t.Error("--pid printed another proxy's kubeconfig")
	}
	wrong := b.start("proxy", "kubeconfig", "--pid", "1")
	wrong.ends(1)
	contains(t, wrong.stderr.String(), "no proxy of yours has the process ID 1, want one of:", pid(first))
}

func TestKubeconfigTemplate(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	b.serve()
	template := filepath.Join(b.dir, "mine.yaml")
	must(t, os.WriteFile(template, []byte(`{{ range .Contexts }}{{ json .Name }} {{ end }}`), 0o600))
	p := b.start("proxy", "kubeconfig", "--template", template)
	p.ends(0)
	if got, want := p.stdout.String(), `"main" "other" `; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	must(t, os.WriteFile(template, []byte(`some text {{ .Nonsense }}`), 0o600))
	p = b.start("proxy", "kubeconfig", "--template", template)
	p.ends(1)
	contains(t, p.stderr.String(), "kubeconfig template", "Nonsense")
	if p.stdout.String() != "" {
		t.Errorf("printed %q of a template that failed", p.stdout.String())
	}
	p = b.start("proxy", "kubeconfig", "--template", "missing.yaml")
	p.ends(1)
	contains(t, p.stderr.String(), "missing.yaml")
}

func TestKilledProxyIsForgottenAndSwept(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	dead, _ := b.serve()
	dead.signal(syscall.SIGKILL)
	dead.code()
	if left := b.runDirs(); len(left) != 1 {
		t.Fatalf("folders %q, want the dead proxy's", left)
	}
	p := b.start("proxy", "kubeconfig")
	p.ends(1)
	contains(t, p.stderr.String(), "no proxy of yours is running")

	_, path := b.serve()
	if diff := cmp.Diff([]string{filepath.Dir(path)}, b.runDirs()); diff != "" {
		t.Errorf("folders after the next start (-want +got):\n%s", diff)
	}
	b.start("proxy", "kubeconfig").ends(0)
}

// Whoever can write to the folder that proxies' folders are in must not be able to lead a proxy astray.
func TestForeignFoldersAreLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	precious := filepath.Join(b.dir, "precious")
	must(t, os.Mkdir(precious, 0o700))
	must(t, os.WriteFile(filepath.Join(precious, stateFile), []byte("{}"), 0o600))
	link := filepath.Join(b.tmp, "e2etap-run-link")
	must(t, os.Symlink(precious, link))
	if os.Getuid() == 0 { // another user's folder, whose state file nobody ever opens for writing
		foreign := filepath.Join(b.tmp, "e2etap-run-foreign")
		must(t, os.Mkdir(foreign, 0o755))
		must(t, syscall.Mkfifo(filepath.Join(foreign, stateFile), 0o644))
		must(t, os.Chown(foreign, 65534, 65534))
	}
	b.serve()
	b.start("proxy", "kubeconfig").ends(0)
	if _, err := os.Stat(filepath.Join(link, stateFile)); err != nil {
		t.Error(err)
	}
}

func TestTwoProxiesOnOneRecording(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	first, _ := b.serve()
	second := b.start("proxy", "run", "--db", b.db, "--", "true")
	second.ends(1)
	contains(t, second.stderr.String(), "open recording "+b.db+": another process is recording into it\nhint: ")
	first.signal(syscall.SIGTERM)
	first.ends(0)
	b.start("proxy", "run", "--db", b.db, "--", "true").ends(0)
}

func TestPortInUseLeavesNothing(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	p := b.start("proxy", "serve", "--db", b.db, "--listen", api.Listener.Addr().String())
	p.ends(1)
	contains(t, p.stderr.String(), api.Listener.Addr().String()+": bind: address already in use")
	left, err := filepath.Glob(b.db + "*")
	must(t, err)
	if left = append(left, b.runDirs()...); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestReadOnlyFolderLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	must(t, os.Mkdir(filepath.Join(b.dir, "ro"), 0o500))
	p := b.start("proxy", "run", "--db", "ro/e2e.db", "--", "true")
	p.ends(1)
	contains(t, p.stderr.String(), "open recording ro/e2e.db", "permission denied", "hint: ")
	if left := b.runDirs(); left != nil {
		t.Errorf("left behind: %q", left)
	}
}
