package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"e2etap/internal/render"
)

// progress says on stderr that something takes long: once, or on a terminal again and again how far it is.
type progress struct {
	w     io.Writer
	what  string
	total int64
	bytes bool // what is counted are bytes: how fast it goes and how long it will take is said, too
	flow  bool // what is counted are events without an end: how fast they come is said, on a terminal only
	live  bool // w is a terminal
	after time.Duration
	every time.Duration

	done        atomic.Int64
	before      int64 // of a flow: done when it was last said
	stop, ended chan struct{}
}

// newProgress begins; total is how many ticks there will be.
func newProgress(w io.Writer, what string, total int64) *progress {
	p := progressTo(w, what, total)
	p.start()
	return p
}

// newBytesProgress begins; total is how many bytes there will be, 0 if that is not known.
func newBytesProgress(w io.Writer, what string, total int64) *progress {
	p := progressTo(w, what, total)
	p.bytes = true
	p.start()
	return p
}

// newEventsProgress begins; nobody knows how many events there will be.
func newEventsProgress(w io.Writer, what string) *progress {
	p := progressTo(w, what, 0)
	p.flow, p.after, p.every = true, time.Second, time.Second
	p.start()
	return p
}

func progressTo(w io.Writer, what string, total int64) *progress {
	file, isFile := w.(*os.File)
	return &progress{
		w: w, what: what, total: total, live: isFile && term.IsTerminal(int(file.Fd())), after: 2 * time.Second, every: 200 * time.Millisecond,
	}
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
	began := time.Now()
	if !p.wait(p.after) {
		return
	}
	if !p.live {
		if !p.flow {
			fmt.Fprintf(p.w, "report: %s…\n", p.what)
		}
		return
	}
	for more := true; more; more = p.wait(p.every) {
		fmt.Fprintf(p.w, "\r\x1b[Kreport: %s: %s", p.what, p.how(time.Since(began)))
		if p.flow {
			p.before, began = p.done.Load(), time.Now()
		}
	}
	fmt.Fprint(p.w, "\r\x1b[K")
}

// how far it is after some time; for a flow, since it was last said.
func (p *progress) how(after time.Duration) string {
	done := p.done.Load()
	if p.flow {
		return fmt.Sprintf("%d events, %.0f/s", done, float64(done-p.before)/max(after.Seconds(), 1e-3))
	}
	percent := fmt.Sprintf("%d %%", 100*done/max(p.total, 1))
	if !p.bytes {
		return percent
	}
	rate := float64(done) / max(after.Seconds(), 1e-3)
	if p.total == 0 || done == 0 {
		return fmt.Sprintf("%s, %s/s", render.HumanBytes(done), render.HumanBytes(int64(rate)))
	}
	left := time.Duration(float64(p.total-done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s of %s, %s/s, %v left", percent, render.HumanBytes(p.total), render.HumanBytes(int64(rate)), max(left, 0))
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
