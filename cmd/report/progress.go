package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// progress says on stderr that something takes long: once, or on a terminal again and again how far it is.
type progress struct {
	w     io.Writer
	what  string
	total int64
	live  bool // w is a terminal
	after time.Duration
	every time.Duration

	done        atomic.Int64
	stop, ended chan struct{}
}

// newProgress begins; total is how many ticks there will be.
func newProgress(w io.Writer, what string, total int64) *progress {
	file, isFile := w.(*os.File)
	p := &progress{
		w: w, what: what, total: total, live: isFile && term.IsTerminal(int(file.Fd())), after: 2 * time.Second, every: 200 * time.Millisecond,
	}
	p.start()
	return p
}

func (p *progress) start() {
	p.stop, p.ended = make(chan struct{}), make(chan struct{})
	go p.say()
}

func (p *progress) tick() { p.done.Add(1) }

// end takes back what is on the terminal. Nothing is said any more when it returns.
func (p *progress) end() {
	close(p.stop)
	<-p.ended
}

func (p *progress) say() {
	defer close(p.ended)
	if !p.wait(p.after) {
		return
	}
	if !p.live {
		fmt.Fprintf(p.w, "report: %s…\n", p.what)
		return
	}
	for more := true; more; more = p.wait(p.every) {
		fmt.Fprintf(p.w, "\r\x1b[Kreport: %s: %d %%", p.what, 100*p.done.Load()/max(p.total, 1))
	}
	fmt.Fprint(p.w, "\r\x1b[K")
}

// wait tells whether to go on after some time.
func (p *progress) wait(d time.Duration) bool {
	select {
	case <-p.stop:
		return false
	case <-time.After(d):
		return true
	}
}
