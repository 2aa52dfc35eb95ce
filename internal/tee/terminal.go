package tee

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// sizeEvery is how often the size is looked at without a signal: none comes while another job has the terminal.
const sizeEvery = time.Second

// openTerminal makes a terminal that looks like ours: what is written to theirs comes out of source as it is.
func openTerminal(ours *os.File, turn *Turn) (w *window, source, theirs *os.File, err error) {
	source, theirs, err = pty.Open()
	if err != nil {
		return nil, nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	w = &window{ours: ours, theirs: source, turn: turn, stop: make(chan struct{}), done: make(chan struct{})}
	if err = w.begin(); err == nil {
		err = copyModes(ours, theirs)
	}
	if err != nil {
		source.Close()
		theirs.Close()
		return nil, nil, nil, fmt.Errorf("set up a terminal: %w", err)
	}
	return w, source, theirs, nil
}

// copyModes makes the modes those of our terminal, but output is not processed (no CR before LF): our own terminal does
// that.
func copyModes(ours, theirs *os.File) error {
	modes, err := unix.IoctlGetTermios(int(ours.Fd()), ioctlGetTermios)
	if err != nil {
		return err
	}
	modes.Oflag &^= unix.OPOST
	return unix.IoctlSetTermios(int(theirs.Fd()), ioctlSetTermios, modes)
}

// window keeps the size of a terminal that of ours.
type window struct {
	ours, theirs *os.File
	turn         *Turn
	size         pty.Winsize
	stop, done   chan struct{}
}

func (w *window) begin() error {
	size, err := pty.GetsizeFull(w.ours)
	if err != nil {
		return err
	}
	w.size = *size
	return pty.Setsize(w.theirs, size)
}

func (w *window) start() { go w.follow() }

func (w *window) close() {
	close(w.stop)
	<-w.done
}

func (w *window) follow() {
	defer close(w.done)
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	tick := time.NewTicker(sizeEvery)
	defer tick.Stop()
	for {
		w.update()
		select {
		case <-w.stop:
			return
		case <-resized:
		case <-tick.C:
		}
	}
}

// update passes a new size on. The command had our terminal's signal when we had it, and may have asked for the size
// before it was the new one: so it gets the signal once more, as does everybody who looks at our terminal.
func (w *window) update() {
	size, err := pty.GetsizeFull(w.ours)
	if err != nil || *size == w.size || pty.Setsize(w.theirs, size) != nil {
		return // there is no size to be had, or no new one
	}
	w.size = *size
	if group, err := foreground(w.ours); err == nil {
		w.turn.echoed.Store(time.Now().UnixNano())
		unix.Kill(-group, unix.SIGWINCH) // an error means that it has just ended
	}
}

// foreground is the process group that the user of a terminal looks at. It fails if the terminal is not the one that
// controls us.
func foreground(tty *os.File) (group int, err error) {
	return unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
}
