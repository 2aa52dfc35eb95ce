package tee

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func ignore([]byte, time.Time) {}

func sigpiped(state *os.ProcessState) bool {
	status := state.Sys().(syscall.WaitStatus)
	return status.Signaled() && status.Signal() == syscall.SIGPIPE
}

func TestReaderThatLeavesEndsTheCommand(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	must(t, err)
	defer write.Close()
	r := start(t, write, os.Stderr, ignore, "", "exec yes")
	_, err = io.ReadFull(read, make([]byte, 100))
	must(t, err)
	read.Close()
	state, err := r.end()
	if !sigpiped(state) || err != nil {
		t.Errorf("the command ended with %v, error %v, want SIGPIPE without an error", state, err)
	}
}

// Without us, the first write after the reader has left would fail: so it does.
func TestReaderThatLeavesIsNoticedBeforeTheNextWrite(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells before the write that follows")
	}
	dir := t.TempDir()
	goOn := gate(t, dir)
	read, write, err := os.Pipe()
	must(t, err)
	defer write.Close()
	r := start(t, write, os.Stderr, ignore, dir, "echo one; read x < go; echo two")
	_, err = io.ReadFull(read, make([]byte, 4))
	must(t, err)
	read.Close()
	<-r.copied
	goOn()
	state, err := r.end()
	if !sigpiped(state) || err != nil {
		t.Errorf("the command ended with %v, error %v, want SIGPIPE without an error", state, err)
	}
}

func TestFullDiskEndsTheCommandAndIsReported(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full")
	}
	defer full.Close()
	var watched output
	state, err := start(t, full, os.Stderr, watched.watch, "", "exec yes").end()
	if !sigpiped(state) || err == nil || !strings.Contains(err.Error(), "no space left") || watched.String() != "" {
		t.Errorf("the command ended with %v, error %v, watched %.20q, want SIGPIPE, ENOSPC and nothing", state, err, watched.String())
	}
}

// What a command leaves behind must not hold us, be it silent, or never silent for long, or never at all.
func TestLeftoversDoNotHoldUs(t *testing.T) {
	t.Parallel()
	for name, leftover := range map[string]string{
		"silent": "exec sleep 1000",
		"chatty": "while echo more; do sleep 0.03; done",
		"busy":   "exec yes",
	} {
		for kind, open := range kinds {
			t.Run(name+" on a "+kind, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				out := open(t)
				began := time.Now()
				r := start(t, out.file, os.Stderr, ignore, dir, "("+leftover+") 2>/dev/null & echo $! > pid; echo last")
				_, err := r.end()
				must(t, err)
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("it took %v", took)
				}
				pid := readPID(t, filepath.Join(dir, "pid"))
				if name == "silent" {
					if r.rest.waited >= patience {
						t.Errorf("waited %v for one that was silent all the time", r.rest.waited)
					}
					must(t, syscall.Kill(pid, syscall.SIGKILL))
				} else { // it has nowhere to write
					eventually(t, "the leftover's end", func() bool { return syscall.Kill(pid, 0) != nil || zombie(pid) })
				}
				if !strings.Contains(out.all(), "last\n") {
					t.Errorf("the command's own output has not passed")
				}
			})
		}
	}
}

func readPID(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(t, err)
	return pid
}

// zombie tells whether nobody has asked for a process's end: init of a container may not.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

// A reader that does not read holds the command up, and nothing piles up here.
func TestSlowReaderHoldsTheCommand(t *testing.T) {
	t.Parallel()
	const size = 5 << 20
	read, write, err := os.Pipe()
	must(t, err)
	dir := t.TempDir()
	var watched output
	r := start(t, write, os.Stderr, watched.watch, dir, "head -c 5242880 /dev/zero; echo > done")
	seen, since := -1, time.Now()
	eventually(t, "standstill", func() bool {
		if now := len(watched.String()); now != seen {
			seen, since = now, time.Now()
		}
		return seen > 0 && time.Since(since) > 200*time.Millisecond
	})
	if seen > bufferSize {
		t.Errorf("%d bytes have passed, a pipe has room for %d", seen, bufferSize)
	}
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		t.Error("the command was not held up")
	}
	all := readAll(t, read, write)
	_, err = r.end()
	must(t, err)
	if got := len(all.all()); got != size {
		t.Errorf("%d bytes passed in the end, want %d", got, size)
	}
}

// The command has written all and ended; its output waits for a reader who takes his time.
func TestFinishWaitsForTheReader(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	must(t, err)
	r := start(t, write, os.Stderr, ignore, "", "head -c 100000 /dev/zero")
	r.cmd.Wait()
	finished := make(chan error, 1)
	go func() { finished <- r.Finish(nil) }()
	select {
	case err := <-finished:
		t.Fatalf("finished with 100000 bytes in a pipe of 65536: %v", err)
	case <-time.After(grace + patience):
	}
	all := readAll(t, read, write)
	must(t, <-finished)
	if got := len(all.all()); got != 100000 {
		t.Errorf("%d bytes passed, want 100000", got)
	}
}

func TestFinishInAHurryGivesUp(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	must(t, err)
	r := start(t, write, os.Stderr, ignore, "", "head -c 100000 /dev/zero")
	r.cmd.Wait()
	hurry := make(chan struct{})
	close(hurry)
	if err := r.Finish(hurry); err != errNotRead {
		t.Errorf("error %v, want %v", err, errNotRead)
	}
	read.Close() // lets the goroutine go
	<-r.copied
	write.Close()
}

func TestRestIsLimited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rest rest
		want time.Duration
	}{
		{rest{waited: patience, passed: most}, -1},
		{rest{ended: true}, silence},
		{rest{ended: true, waited: patience - silence/2}, silence / 2},
		{rest{ended: true, waited: patience}, 0},
		{rest{ended: true, waited: 2 * patience}, 0},
		{rest{ended: true, passed: most - 1}, silence},
		{rest{ended: true, passed: most}, 0},
	} {
		if got := c.rest.timeout(); got != c.want {
			t.Errorf("%+v: timeout %v, want %v", c.rest, got, c.want)
		}
	}
}

// Files that were opened for nothing are closed.
func TestCommandThatCannotStartLeavesNoFiles(t *testing.T) {
	t.Parallel()
	for kind, open := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			tee, err := Open(open(t).file, os.Stderr, ignore, new(Turn))
			must(t, err)
			tee.Close()
			for _, f := range []*os.File{tee.source, tee.sink, tee.ended, tee.endedReader} {
				if err := f.Close(); err == nil {
					t.Errorf("%s was open", f.Name())
				}
			}
		})
	}
}
