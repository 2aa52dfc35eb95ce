package tee

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

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

func (o *output) watch(p []byte, _ time.Time) { o.Write(p) }

// reader is what stands behind our standard output and takes all that comes.
type reader struct {
	output
	file *os.File // our standard output
	done chan struct{}
}

func readAll(t *testing.T, read, write *os.File) *reader {
	r := &reader{file: write, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		io.Copy(r, read)
	}()
	t.Cleanup(func() {
		write.Close()
		<-r.done
		read.Close()
	})
	return r
}

func newPipe(t *testing.T) *reader {
	t.Helper()
	read, write, err := os.Pipe()
	must(t, err)
	return readAll(t, read, write)
}

// newTerminal is one that shows what is written to it as it is.
func newTerminal(t *testing.T) *reader {
	t.Helper()
	user, side, err := pty.Open()
	must(t, err)
	_, err = term.MakeRaw(int(side.Fd()))
	must(t, err)
	return readAll(t, user, side)
}

// all is everything that was written, which is read after the last one has closed the file.
func (r *reader) all() string {
	r.file.Close()
	<-r.done
	return r.String()
}

// eventually polls until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// running is a command whose output is watched.
type running struct {
	*Tee
	cmd *exec.Cmd
}

// start runs a shell script in a folder.
func start(t *testing.T, stdout, stderr io.Writer, watch Watcher, dir, script string) *running {
	t.Helper()
	r := &running{cmd: exec.Command("sh", "-c", script)}
	var err error
	r.Tee, err = Open(stdout, stderr, watch, new(Turn))
	must(t, err)
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = dir, r.Stdout(), r.Stderr()
	must(t, r.cmd.Start())
	r.Start()
	t.Cleanup(func() { r.cmd.Process.Kill() })
	return r
}

// end waits for the end of the command and of its output.
func (r *running) end() (*os.ProcessState, error) {
	r.cmd.Wait()
	return r.cmd.ProcessState, r.Finish(nil)
}

// run runs a command that must succeed.
func run(t *testing.T, stdout, stderr io.Writer, watch Watcher, dir, script string) {
	t.Helper()
	state, err := start(t, stdout, stderr, watch, dir, script).end()
	must(t, err)
	if !state.Success() {
		t.Fatalf("the command ended with %v", state)
	}
}

// gate makes a named pipe by which a test tells a script when to go on: "read x < go".
func gate(t *testing.T, dir string) (open func()) {
	t.Helper()
	path := filepath.Join(dir, "go")
	must(t, syscall.Mkfifo(path, 0o600))
	return func() {
		t.Helper()
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		must(t, err)
		t.Cleanup(func() { f.Close() })
		_, err = f.WriteString("go\n")
		must(t, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
