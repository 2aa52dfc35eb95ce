package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"e2etap/internal/tee"
)

func TestChildIsWatched(t *testing.T) {
	t.Parallel()
	stdout, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	must(t, err)
	defer stdout.Close()
	var mu sync.Mutex
	var watched strings.Builder
	c := &child{args: []string{"sh", "-c", "echo one; exit 7"}, stdout: stdout, stderr: os.Stderr, turn: new(tee.Turn), watch: func(p []byte, _ time.Time) {
		mu.Lock()
		defer mu.Unlock()
		watched.Write(p)
	}}
	code, err := c.run(nil, nil)
	must(t, err)
	passed, err := os.ReadFile(stdout.Name())
	must(t, err)
	if code != 7 || watched.String() != "one\n" || string(passed) != "one\n" {
		t.Errorf("code %d, watched %q, passed %q", code, watched.String(), passed)
	}
}

// A reader that leaves ends the command as it would without us.
func TestHeadEndsTheCommand(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	for _, prefix := range []string{"", "proxy run --db e2e.db -- "} {
		p := b.start("sh", "-c", "{ "+prefix+"sh -c 'exec yes'; echo $? > code; } | head -n 1; cat code")
		p.ends(0)
		if got, want := p.stdout.String(), "y\n141\n"; got != want {
			t.Errorf("%q: first line and exit code %q, want %q", prefix, got, want)
		}
	}
}

func TestSignalEndsTheRunOfAnUnreadCommand(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	read, write, err := os.Pipe()
	must(t, err)
	defer read.Close()
	p := b.command("proxy", "run", "--db", b.db, "--", "sh", "-c",
		"head -c 100000 /dev/zero; echo ready >&2; exec sleep 1000") // a pipe has room for 65536
	p.cmd.Stdout = write
	p.start()
	write.Close()
	p.eventually("ready", func() bool { return p.stderr.String() == "ready\n" })
	p.signal(syscall.SIGTERM)
	p.ends(128 + 15)
	contains(t, p.stderr.String(), "e2etap: the command's output is not complete: ", "e2etap: recorded 0 requests")
}

func TestBackgroundProcessDoesNotHoldTheRun(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--", "sh", "-c", "sleep 1000 2>/dev/null & echo $!; exit 7")
	p.ends(7)
	pid := strings.TrimSpace(p.stdout.String())
	b.start("kill", pid).ends(0)
}
