package tee

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

const (
	bufferSize = 64 << 10 // as much as a pipe holds

	// After the command's end its output is in the pipe, but what it left behind (as in "command > >(tee log)", or a
	// daemon) may write on. All of it is passed on until nothing came for a while, or for at most so long.
	silence  = 100 * time.Millisecond
	patience = time.Second
	most     = 1 << 20 // more than a pipe or a terminal holds, so that all of the command's own has passed

	// grace is for a reader that may be slow, or may have stopped to read.
	grace = 2 * time.Second
)

var errNotRead = fmt.Errorf("nobody read all of it within %v after the command had ended", grace)

// rest is what was done since the command ended. Only waiting with empty hands counts, not the time that a slow reader
// takes, so that no limit is reached before what the command itself wrote has passed.
type rest struct {
	ended  bool
	waited time.Duration
	passed int
}

// timeout is for how long something may still come; negative: forever.
func (r *rest) timeout() time.Duration {
	switch {
	case !r.ended:
		return -1
	case r.passed >= most:
		return 0
	}
	return min(silence, max(patience-r.waited, 0))
}

// copy passes on what comes until no more comes, or nobody wants it.
func (t *Tee) copy() {
	defer close(t.copied)
	defer t.release()
	buf := make([]byte, bufferSize)
	for t.ready() {
		n, err := t.source.Read(buf)
		at := time.Now()
		if err != nil {
			t.err = unlessEnd(err)
			return
		}
		if err := t.pass(buf[:n]); err != nil {
			if !errors.Is(err, syscall.EPIPE) {
				t.err = err
			}
			return
		}
		t.watch(buf[:n], at)
		if t.rest.ended {
			t.rest.passed += n
		}
	}
}

func (t *Tee) pass(piece []byte) error {
	if t.window != nil {
		return t.turn.write(t.stdout, piece)
	}
	return writeAll(t.stdout, piece)
}

// writeAll writes even to a file of which somebody who has it, too, said that writing must not wait: the flag
// (O_NONBLOCK) is the file's, and a command may set it on a standard input that is the terminal that we write to.
func writeAll(w io.Writer, piece []byte) error {
	for {
		n, err := w.Write(piece)
		f, isFile := w.(*os.File)
		if !isFile || !errors.Is(err, syscall.EAGAIN) {
			return err
		}
		piece = piece[n:]
		if err := writable(int(f.Fd())); err != nil && !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("poll", err)
		}
	}
}

// release frees everything. Whoever still writes gets what a reader's end would have brought: SIGPIPE, or EIO on a
// terminal.
func (t *Tee) release() {
	if t.window != nil {
		t.window.close()
	}
	t.source.Close()
	t.endedReader.Close()
}

// unlessEnd is nil for what tells that nobody has the other side any more: on a terminal of Linux, EIO.
func unlessEnd(err error) error {
	if err == io.EOF || errors.Is(err, syscall.EIO) {
		return nil
	}
	return err
}

// ready waits until there is something to read. It returns false if nothing more shall be read.
func (t *Tee) ready() bool {
	out := -1
	if f, ok := t.stdout.(*os.File); ok {
		out = int(f.Fd())
	}
	for {
		timeout := t.rest.timeout()
		if timeout == 0 {
			return false
		}
		ended := -1
		if !t.rest.ended {
			ended = int(t.endedReader.Fd())
		}
		began := time.Now()
		seen, err := poll(int(t.source.Fd()), ended, out, timeout)
		if t.rest.ended {
			t.rest.waited += time.Since(began)
		}
		if seen.ended {
			t.rest.ended = true
		}
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			t.err = os.NewSyscallError("poll", err)
			return false
		case seen.broken:
			return false
		case seen.readable:
			return true
		case !seen.ended: // silence
			return false
		}
	}
}

// readiness is what poll found.
type readiness struct {
	readable bool // read will not wait
	ended    bool // the command has ended
	broken   bool // nobody can read any more what we write; not every system tells before it is tried
}
