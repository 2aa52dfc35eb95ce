// Package tee lets somebody watch what a command writes without changing a byte of it, their order, or when they come.
//
// The command writes into a file of the kind that it would have had: a new pseudo-terminal in place of a terminal, else a
// pipe. If standard error is the very file that standard output is, it stays so, and both are watched as one.
//
// It keeps nothing: as long as nobody reads what it passes on, the command has to wait. It does not interpret what passes.
package tee

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// Watcher is told what the command wrote, piece by piece, where at is when it was read. Pieces end anywhere. Each was
// passed on before. The piece is valid during the call, which holds the command up if it takes long.
type Watcher func(piece []byte, at time.Time)

// Tee stands between a command and the files that it would write into. Its life is Open, Start, Finish; or Open, Close if
// the command could not be started.
type Tee struct {
	stdout io.Writer // where everything goes
	watch  Watcher

	source *os.File // what the command wrote comes from here
	sink   *os.File // where the command writes
	stderr io.Writer
	window *window // nil: sink is no terminal
	turn   *Turn

	ended, endedReader *os.File // a pipe, closed when the command has ended
	rest               rest
	copied             chan struct{} // closed when all is passed on; err is valid then
	err                error
}

// Open prepares the files of a command that is to write to stdout and stderr. One of them that is no *os.File must not
// be the other as well. Who has the turn may write to stdout, too, if that is a terminal.
func Open(stdout, stderr io.Writer, watch Watcher, turn *Turn) (t *Tee, err error) {
	t = &Tee{stdout: stdout, watch: watch, turn: turn, stderr: stderr, copied: make(chan struct{})}
	if t.endedReader, t.ended, err = os.Pipe(); err != nil {
		return nil, err
	}
	ours, isFile := stdout.(*os.File)
	if isFile && term.IsTerminal(int(ours.Fd())) {
		t.window, t.source, t.sink, err = openTerminal(ours, turn)
	} else {
		t.source, t.sink, err = os.Pipe()
	}
	if err != nil {
		t.ended.Close()
		t.endedReader.Close()
		return nil, err
	}
	if same(stdout, stderr) {
		t.stderr = t.sink
	}
	return t, nil
}

// Stdout is the command's standard output.
func (t *Tee) Stdout() *os.File { return t.sink }

// Stderr is the command's standard error, which may be the same file.
func (t *Tee) Stderr() io.Writer { return t.stderr }

// Start begins to pass the output on. It is called as soon as the command has its files.
func (t *Tee) Start() {
	t.sink.Close() // only the command and what it starts have it, so that its end is seen
	if t.window != nil {
		t.window.start()
	}
	go t.copy()
}

// Finish is called when the command has ended. It returns when everything that the command wrote is passed on and
// processes that it left behind had their moment, too; what they write later they cannot write.
//
// Whoever does not want to wait longer for a reader of the output closes hurry: Finish goes on for another grace at
// most, and leaves the goroutine that writes where it is.
//
// The error is why not everything was passed on, unless that is only that nobody wanted to read it (EPIPE).
func (t *Tee) Finish(hurry <-chan struct{}) error {
	t.ended.Close()
	select {
	case <-t.copied:
		return t.err
	case <-hurry:
	}
	select {
	case <-t.copied:
		return t.err
	case <-time.After(grace):
		return errNotRead
	}
}

// Close frees the files of a command that was not started.
func (t *Tee) Close() {
	for _, f := range []*os.File{t.source, t.sink, t.ended, t.endedReader} {
		f.Close()
	}
}
