package main

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// lines collects what is written, and lets a test wait for it.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// waitFor waits until the text contains words.
func (l *lines) waitFor(t *testing.T, words string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(l.String(), words); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("got %q, want %q in it", l.String(), words)
		}
	}
}

func TestProgressIsSaidOnceWhereThereIsNoTerminal(t *testing.T) {
	var out lines
	p := &progress{w: &out, what: "working", total: 10, after: time.Microsecond, every: time.Microsecond}
	p.start()
	out.waitFor(t, "\n")
	p.end()
	if got := out.String(); got != "report: working…\n" {
		t.Errorf("%q", got)
	}
}

func TestProgressIsShownOnATerminalAndTakenBack(t *testing.T) {
	var out lines
	p := &progress{w: &out, what: "working", total: 4, live: true, after: time.Microsecond, every: time.Microsecond}
	p.start()
	out.waitFor(t, "working: 0 %")
	p.tick()
	out.waitFor(t, "working: 25 %")
	p.end()
	if got := out.String(); !strings.HasSuffix(got, "\r\x1b[K") || strings.Contains(got, "\n") {
		t.Errorf("%q: want one line, gone at the end", got)
	}
}

func TestProgressOfWhatIsQuickIsNotSaid(t *testing.T) {
	var out lines
	p := &progress{w: &out, what: "working", after: time.Hour}
	p.start()
	p.end()
	if got := out.String(); got != "" {
		t.Errorf("%q", got)
	}
}

func TestProgressOfBytesTellsRateAndTimeLeft(t *testing.T) {
	p := &progress{total: 4 << 20, bytes: true}
	p.done.Store(1 << 20)
	if got, want := p.how(2*time.Second), "25 % of 4.0 MiB, 512.0 KiB/s, 6s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p.total = 0 // standard input
	if got, want := p.how(2*time.Second), "1.0 MiB, 512.0 KiB/s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAFlowSaysHowFastItIsOnATerminalOnly(t *testing.T) {
	var out lines
	p := &progress{w: &out, what: "following", flow: true, live: true, after: time.Microsecond, every: time.Microsecond}
	p.start()
	out.waitFor(t, "following: 0 events, 0/s")
	p.tick()
	out.waitFor(t, "following: 1 events, ")
	p.end()
	p.before = 1
	p.done.Store(21)
	if got, want := p.how(2*time.Second), "21 events, 10/s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var quiet lines
	p = &progress{w: &quiet, what: "following", flow: true, after: time.Microsecond, every: time.Microsecond}
	p.start()
	<-p.ended
	p.end()
	if quiet.String() != "" {
		t.Errorf("said %q where there is no terminal", quiet.String())
	}
}
