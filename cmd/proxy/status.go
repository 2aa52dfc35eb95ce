package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"e2etap/internal/tee"
)

const statusEvery = time.Second

// statusLine keeps one line at the bottom of a terminal while the command's output scrolls above it, whether that passes
// through us or not.
//
// It is away while the terminal belongs to somebody else: another job, or a program that reads single keys (vim, less),
// which most likely uses the whole screen.
type statusLine struct {
	screen *screen // nil: nothing is shown
	text   lineText
	turn   *tee.Turn // with the output that passes through us
	stop   chan struct{}
	wg     sync.WaitGroup
}

// lineText returns what a status line shows at a time, in ASCII. It is called from one goroutine.
type lineText func(now time.Time) string

// newStatusLine starts a status line on w. It does nothing if w is not a terminal that can show one.
func newStatusLine(w io.Writer, text lineText, turn *tee.Turn) *statusLine {
	s := &statusLine{text: text, turn: turn, stop: make(chan struct{})}
	if kind := os.Getenv("TERM"); !isTerminal(w) || kind == "" || kind == "dumb" {
		return s
	}
	s.screen = &screen{tty: w.(*os.File)}
	s.wg.Go(s.run)
	return s
}

func (s *statusLine) run() {
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	text := ""
	for {
		select {
		case <-s.stop:
			return
		case <-resized:
			if text == "" {
				continue // the first line comes with the first tick
			}
			s.screen.resized = true
			if s.turn.Echo() && s.screen.fits() {
				continue // it is about the size that the line was just drawn for; the next tick is early enough
			}
		case now := <-tick.C:
			text = "e2etap: " + s.text(now)
		}
		s.turn.Take(func() { s.screen.show(text) }) // else the next tick comes soon
	}
}

// close takes the line away, gives the whole screen back, and leaves the cursor at the start of a line.
func (s *statusLine) close() {
	close(s.stop)
	s.wg.Wait()
	if s.screen != nil {
		s.screen.hide()
		s.screen.freshLine()
	}
}

// screen is a terminal whose last line is kept out of the scrolling region (DECSTBM, as apt does it). Every change is
// one write, so that the command's own writes cannot get in between; the cursor stays where the command has it.
type screen struct {
	tty     *os.File
	rows    int  // of the terminal when the region was set; 0: it is not
	resized bool // since: terminals give up the region then, even if the size is soon the same again
}

// ours tells whether nobody else uses the screen now.
func (s *screen) ours() bool {
	mode, err := unix.IoctlGetTermios(int(s.tty.Fd()), ioctlGetTermios)
	if err != nil || mode.Lflag&unix.ICANON == 0 {
		return false
	}
	foreground, err := inForeground(s.tty)
	return foreground || err != nil // without job control there are no other jobs
}

// fits tells whether the terminal has the size that the line was drawn for.
func (s *screen) fits() bool {
	_, rows, err := term.GetSize(int(s.tty.Fd()))
	return err == nil && rows == s.rows
}

// show draws text in the last line.
func (s *screen) show(text string) {
	columns, rows, err := term.GetSize(int(s.tty.Fd()))
	if err != nil || rows < 3 || !s.ours() {
		s.hide()
		return
	}
	prepare := ""
	if rows != s.rows || s.resized {
		prepare = s.reserve(rows)
	}
	text = text[:min(len(text), columns)] // ASCII
	fmt.Fprintf(s.tty, "%s\x1b7\x1b[%d;1H\x1b[2K%s\x1b8", prepare, rows, text)
}

// reserve keeps the command out of the last of so many rows.
func (s *screen) reserve(rows int) string {
	erase := ""
	if s.rows > 0 {
		erase = "\x1b[B\r\x1b[J" // the line is somewhere below the cursor now: terminals differ
	}
	s.rows, s.resized = rows, false
	// The region is given up first, so that nothing below holds the cursor back. Then IND makes room below the cursor
	// without a change of its column, as a line feed would make it.
	return fmt.Sprintf("\x1b7\x1b[r\x1b8\x1bD\x1b[A\x1b7%s\x1b[1;%dr\x1b8", erase, rows-1)
}

// hide gives the whole screen back, and erases the line if it is certainly still there.
func (s *screen) hide() {
	if s.rows == 0 {
		return
	}
	erase := ""
	if _, rows, err := term.GetSize(int(s.tty.Fd())); err == nil && rows == s.rows && !s.resized && s.ours() {
		erase = fmt.Sprintf("\x1b[%d;1H\x1b[2K", rows)
	}
	fmt.Fprintf(s.tty, "\x1b7\x1b[r%s\x1b8", erase)
	s.rows, s.resized = 0, false
}

// freshLine moves the cursor to the start of the next line unless it is at the start of one: as many blanks as a line
// has reach the next line only from the middle of one. It is how zsh does it.
func (s *screen) freshLine() {
	if columns, _, err := term.GetSize(int(s.tty.Fd())); err == nil && s.ours() {
		fmt.Fprintf(s.tty, "%*s\r", columns, "")
	}
}
