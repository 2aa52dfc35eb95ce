package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

const statusEvery = time.Second

// statusLine keeps one line at the bottom of a terminal. The rest of the screen is made the scrolling region (DECSTBM,
// as apt does it), so that the command's output, which goes to the terminal without passing through us, scrolls above.
type statusLine struct {
	tty    *os.File
	ledger *ledger
	rows   int // of the terminal when the region was last set; 0: not set
	stop   chan struct{}
	wg     sync.WaitGroup
}

// newStatusLine starts a status line on w. It does nothing if w is not a terminal that can show one.
func newStatusLine(w io.Writer, l *ledger) *statusLine {
	s := &statusLine{ledger: l, stop: make(chan struct{})}
	if !isTerminal(w) || os.Getenv("TERM") == "dumb" {
		return s
	}
	s.tty = w.(*os.File)
	s.wg.Go(s.run)
	return s
}

func (s *statusLine) run() {
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	last, lastTime := s.ledger.counts(), time.Now()
	for {
		select {
		case <-s.stop:
			return
		case now := <-tick.C:
			c := s.ledger.counts()
			rate := float64(c.requests-last.requests) / now.Sub(lastTime).Seconds()
			last, lastTime = c, now
			s.show(fmt.Sprintf("e2etap: %s, %s, %.0f requests/s", plural(c.requests, "request"), plural(c.tests, "test"), rate))
		}
	}
}

// show draws the line and returns the cursor to where the command has it (DECSC, DECRC). Each drawing is one write.
func (s *statusLine) show(text string) {
	columns, rows, err := term.GetSize(int(s.tty.Fd()))
	if err != nil || rows < 3 {
		return
	}
	if rows != s.rows {
		// make room at the bottom, then keep the command out of the last line
		fmt.Fprintf(s.tty, "\n\x1b7\x1b[1;%dr\x1b8\x1b[1A", rows-1)
		s.rows = rows
	}
	text = text[:min(len(text), columns)] // ASCII
	fmt.Fprintf(s.tty, "\x1b7\x1b[%d;1H\x1b[2K%s\x1b8", rows, text)
}

// close takes the line away and gives the whole screen back.
func (s *statusLine) close() {
	close(s.stop)
	s.wg.Wait()
	if s.rows > 0 {
		fmt.Fprintf(s.tty, "\x1b7\x1b[r\x1b[%d;1H\x1b[2K\x1b8", s.rows)
	}
}
