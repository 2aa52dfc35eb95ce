package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"e2etap/internal/db"
)

// hang is how long a test waits before it gives up. It ends what hangs and nothing else: beside other work on the same
// machine every test takes many times as long as alone.
const hang = 2 * time.Minute

// bench is what one test has to itself: a folder, a kubeconfig, and the folder that proxies put theirs into.
type bench struct {
	t        *testing.T
	dir, tmp string
	db       string
	env      []string
}

func newBench(t *testing.T, kubeconfig []byte) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir()}
	b.tmp = filepath.Join(b.dir, "tmp")
	b.db = filepath.Join(b.dir, "e2e.db")
	must(t, os.Mkdir(b.tmp, 0o700))
	config := filepath.Join(b.dir, "kubeconfig")
	must(t, os.WriteFile(config, kubeconfig, 0o600))
	b.env = append(os.Environ(), "TMPDIR="+b.tmp, "XDG_RUNTIME_DIR=", "KUBECACHEDIR=", "KUBECONFIG="+config, "TERM=xterm", "HOME="+b.dir)
	return b
}

// process is a running command; its output is readable at any time.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr output
	done           chan struct{}
}

// command prepares a command that start will start. It is in a session of its own: the terminal on which tests may run
// is none of its business, and what it starts ends with it.
func (b *bench) command(name string, args ...string) *process {
	b.t.Helper()
	p := &process{t: b.t, cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = b.dir, b.env
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	p.cmd.WaitDelay = 5 * time.Second
	return p
}

func (b *bench) start(name string, args ...string) *process {
	b.t.Helper()
	return b.command(name, args...).start()
}

func (p *process) start() *process {
	p.t.Helper()
	must(p.t, p.cmd.Start())
	go func() {
		p.cmd.Wait()
		close(p.done)
	}()
	p.t.Cleanup(p.kill)
	return p
}

// kill ends the process and its group, if it has not ended.
func (p *process) kill() {
	select {
	case <-p.done: // the number may be another's by now
	default:
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
	<-p.done
}

// abort ends a process that hangs, with its group; those in Go write where their goroutines are.
func (p *process) abort() {
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGABRT)
	<-p.done
}

// serve starts "proxy serve" and waits for its kubeconfig, whose path it returns.
func (b *bench) serve(args ...string) (p *process, kubeconfig string) {
	b.t.Helper()
	p = b.start("proxy", append([]string{"serve", "--db", b.db}, args...)...)
	return p, p.exported()
}

// exported is the kubeconfig of the export lines that "proxy serve" prints.
func (p *process) exported() string {
	p.t.Helper()
	p.eventually("the export lines", func() bool { return strings.HasSuffix(p.stdout.String(), "\n") })
	m := regexp.MustCompile(`^export KUBECONFIG=(\S+)\nexport E2ETAP_URL=http://127.0.0.1:\d+/[\w-]{43}\n(?:export KUBECACHEDIR=\S+\n)?$`).FindStringSubmatch(p.stdout.String())
	if m == nil {
		p.t.Fatalf("stdout %q, want two export lines", p.stdout.String())
	}
	return m[1]
}

// code waits for the end and returns the exit code.
func (p *process) code() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(hang):
		p.abort()
		p.t.Fatalf("%v has not ended\nstdout: %s\nstderr: %s", p.cmd.Args, p.stdout.String(), p.stderr.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

// ends fails the test unless the process ends with the exit code.
func (p *process) ends(want int) {
	p.t.Helper()
	if got := p.code(); got != want {
		p.t.Fatalf("%v: exit code %d, want %d\nstdout: %s\nstderr: %s", p.cmd.Args, got, want, p.stdout.String(), p.stderr.String())
	}
}

func (p *process) signal(sig os.Signal) {
	p.t.Helper()
	must(p.t, p.cmd.Process.Signal(sig))
}

// eventually polls until a condition holds, while the process runs.
func (p *process) eventually(what string, condition func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(hang); !condition(); time.Sleep(2 * time.Millisecond) {
		ended := false
		select {
		case <-p.done:
			ended = !condition()
		default:
		}
		if ended || time.Now().After(deadline) {
			p.t.Fatalf("%v: not in time, or it has ended: %s\nstdout: %s\nstderr: %s", p.cmd.Args, what, p.stdout.String(), p.stderr.String())
		}
	}
}

// output is a buffer that can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// entries reads the whole recording as the product does.
func (b *bench) entries() []db.Entry {
	b.t.Helper()
	r, err := db.OpenReader(b.db)
	must(b.t, err)
	defer r.Close()
	runs, err := r.SelectRuns(db.AllRuns)
	must(b.t, err)
	var entries []db.Entry
	must(b.t, r.List(db.Filter{Runs: runs}, func(e *db.Entry) error {
		entries = append(entries, *e)
		return nil
	}))
	return entries
}

// runDirs are the folders of proxies, running or dead.
func (b *bench) runDirs() []string {
	dirs, err := filepath.Glob(filepath.Join(b.tmp, "*"))
	must(b.t, err)
	return dirs
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

func base64Std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
