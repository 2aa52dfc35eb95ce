package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestSignalsReachTheCommandOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--", "signals")
	want := "ready\n"
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		p.eventually("signals so far", func() bool { return p.stdout.String() == want })
		p.signal(sig)
		want += sig.String() + "\n"
	}
	p.ends(42)
	if got := p.stdout.String(); got != want {
		t.Errorf("the command got %q, want %q", got, want)
	}
	contains(t, p.stderr.String(), "e2etap: recorded 0 requests")
	if left := b.runDirs(); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestProxyOutlivesACommandThatTakesItsTime(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--", "sh", "-c",
		"trap 'client /api/v1/pods; exit 5' TERM; echo ready; while :; do sleep 0.01; done")
	p.eventually("ready", func() bool { return p.stdout.String() == "ready\n" })
	p.signal(syscall.SIGTERM)
	p.ends(5)
	contains(t, p.stderr.String(), "recorded 1 request of 0 tests")
}

// silentServer accepts connections and never answers: what asks it for its version waits.
func silentServer(t *testing.T) (address string, asked <-chan bool) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	accepted := make(chan bool, 16)
	var conns []net.Conn
	done := make(chan bool)
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, c)
			accepted <- true
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		for _, c := range conns {
			c.Close()
		}
	})
	return l.Addr().String(), accepted
}

func TestSignalBeforeTheCommandBegan(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"run", "--", "touch", "began"}, {"serve"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			address, asked := silentServer(t)
			b := newBench(t, kubeconfigFor("https://"+address, nil, "{}"))
			p := b.start("proxy", args...)
			p.eventually("the question for the version", func() bool { return len(asked) > 0 })
			p.signal(syscall.SIGTERM)
			p.ends(128 + 15)
			contains(t, p.stderr.String(), "proxy: ended by a signal before it began: terminated")
			left, err := filepath.Glob(filepath.Join(b.dir, "[be]*")) // began, e2e.db
			must(t, err)
			if left = append(left, b.runDirs()...); len(left) > 0 || strings.Contains(p.stderr.String(), "warning") {
				t.Errorf("left behind %q, stderr %q", left, p.stderr.String())
			}
		})
	}
}

// A credential plugin that waits for something does not hear of our end.
func TestSecondSignalDoesNotWaitForAPlugin(t *testing.T) {
	t.Parallel()
	b := newBench(t, kubeconfigFor("https://127.0.0.1:1", nil, `{exec: {apiVersion: client.authentication.k8s.io/v1,
    interactiveMode: Never, command: sh, args: ["-c", "echo plugin >&2; read x < gate"]}}`))
	defer b.gate("gate")()
	stderr, err := os.Create(filepath.Join(b.dir, "stderr"))
	must(t, err)
	defer stderr.Close()
	p := b.command("proxy", "run", "--", "true")
	p.cmd.Stdout, p.cmd.Stderr = stderr, stderr // a file: the plugin keeps a pipe open
	p.start()
	p.eventually("the plugin", func() bool {
		text, err := os.ReadFile(stderr.Name())
		return err == nil && string(text) == "plugin\n"
	})
	p.signal(syscall.SIGHUP)
	p.signal(syscall.SIGTERM) // another thread may take it, and sooner
	if code := p.code(); code != 128+1 && code != 128+15 {
		t.Errorf("exit code %d, want that of either signal", code)
	}
}

func TestNohupWorksThrough(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("sh", "-c", `trap '' HUP; exec proxy run -- sh -c 'echo ready; kill -HUP $$; kill -HUP $PPID; sleep 0.1; echo alive'`)
	p.ends(0)
	if got := p.stdout.String(); got != "ready\nalive\n" {
		t.Errorf("the command wrote %q", got)
	}
}

// What reads our stderr may leave (2>&1 | head): the run goes on, and the command keeps its default SIGPIPE.
func TestClosedStderrDoesNotEndTheRun(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	r, w, err := os.Pipe()
	must(t, err)
	p := b.command("proxy", "run", "--db", b.db, "--log-level=debug", "--", "sh", "-c",
		"echo ready; read line; client /api/v1/pods; sh -c 'kill -PIPE $$; echo SIGPIPE is ignored'; exit 7")
	p.cmd.Stderr = w
	stdin, err := p.cmd.StdinPipe()
	must(t, err)
	p.start()
	w.Close()
	p.eventually("ready", func() bool { return p.stdout.String() == "ready\n" })
	r.Close()
	stdin.Write([]byte("go\n"))
	p.ends(7)
	if got := p.stdout.String(); got != "ready\n" {
		t.Errorf("the command wrote %q", got)
	}
	if entries := b.entries(); len(entries) != 1 {
		t.Errorf("%d rows, want 1", len(entries))
	}
	if left := b.runDirs(); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestUnwatchedCommandHasTheVeryFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.command("proxy", "run", "--watch-output=false", "--db", b.db, "--", "sh", "-c",
		`seen=$(cd /proc/$$/fd; stat -L -c %d:%i 0 1 2); echo "$seen" > seen; exec 0<&-`)
	var files []*os.File
	var want strings.Builder
	for _, name := range []string{"in", "out", "err"} {
		f, err := os.OpenFile(filepath.Join(b.dir, name), os.O_RDWR|os.O_CREATE, 0o600)
		must(t, err)
		t.Cleanup(func() { f.Close() })
		files = append(files, f)
		info, err := f.Stat()
		must(t, err)
		sys := info.Sys().(*syscall.Stat_t)
		want.WriteString(fmt.Sprintf("%d:%d\n", sys.Dev, sys.Ino))
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = files[0], files[1], files[2]
	p.start().ends(0)
	seen, err := os.ReadFile(filepath.Join(b.dir, "seen"))
	must(t, err)
	if string(seen) != want.String() {
		t.Errorf("the command's files are\n%swant\n%s", seen, want.String())
	}
}
