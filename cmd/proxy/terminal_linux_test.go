package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// seq is the shell command that prints "line 1" and so on.
func seq(from, to int) string {
	return fmt.Sprintf("for i in $(seq %d %d); do echo line $i; done; ", from, to)
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// run starts "proxy run -- sh -c script" on a terminal.
func (b *bench) runOnTerminal(rows, columns int, script string) *terminal {
	b.t.Helper()
	return b.openTerminal(rows, columns, "proxy", "run", "--db", "e2e.db", "--", "sh", "-c", script)
}

var summaryText = regexp.MustCompile(`(?s)e2etap: recorded .*`)

// output is the text on the screen before the summary, which must begin a line.
func (v *terminal) commandOutput() string {
	v.t.Helper()
	text := v.text()
	at := summaryText.FindStringIndex(text)
	if at == nil {
		v.t.Fatalf("no summary:\n%s", text)
	}
	return text[:at[0]]
}

func (v *terminal) statusShown() bool { return strings.HasPrefix(v.last(), "e2etap: ") }

func TestStatusLineLeavesOutputAlone(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]int{"top": 2, "bottom": 30} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newAPI(t).kubeconfig())
			open1, open2 := b.gate("one"), b.gate("two")
			v := b.runOnTerminal(10, 60, seq(1, before)+"printf par; read x < one; echo tial; client -n 5 /api; read x < two; "+seq(before+1, before+30))
			v.shows("the status line", func() bool { return v.last() == "e2etap: 0 requests, 0 tests, 0 requests/s" })
			open1()
			v.shows("five requests", func() bool { return strings.HasPrefix(v.last(), "e2etap: 5 requests, 0 tests, ") })
			open2()
			v.ended(0)
			want := lines(1, before) + "partial\n" + lines(before+1, before+30)
			if diff := cmp.Diff(want, v.commandOutput()); diff != "" {
				t.Errorf("output on the screen (-want +got):\n%s\nbytes: %q", diff, v.bytes())
			}
			if !v.wholeRegion() {
				t.Error("the scrolling region was not given back")
			}
			if n := strings.Count(v.text(), "requests/s"); n > 0 {
				t.Errorf("the status line is still there:\n%s", v.text())
			}
		})
	}
}

func TestStatusLineOfSpyCountsSpecs(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	open := b.gate("gate")
	v := b.openTerminal(10, 80, "proxy", "spy", "--db", "e2e.db", "--", "sh", "-c",
		ginkgoBegins+ginkgoSpec("Pods lists", "true")+ginkgoSpec("Pods waits", "read x < gate"))
	v.shows("one spec", func() bool { return v.last() == "e2etap: 1 spec so far: 1 passed" })
	open()
	v.ended(0)
	contains(t, v.text(), "e2etap: recorded 2 specs in ")
	if !v.wholeRegion() || strings.Contains(v.text(), "so far") {
		t.Errorf("the status line is still there:\n%s", v.text())
	}
}

func TestStatusLineFollowsTheWindow(t *testing.T) {
	t.Parallel()
	for _, pull := range []bool{false, true} {
		for _, before := range []int{2, 30} {
			for _, sizes := range [][]int{{10, 14}, {10, 6}, {10, 14, 8, 12}, {10, 2, 10}, {10, 10}} {
				t.Run(fmt.Sprintf("pull %v, %d lines, %v", pull, before, sizes), func(t *testing.T) {
					t.Parallel()
					testFollows(t, pull, before, sizes)
				})
			}
		}
	}
}

func testFollows(t *testing.T, pull bool, before int, sizes []int) {
	b := newBench(t, newAPI(t).kubeconfig())
	open := b.gate("one")
	v := b.runOnTerminal(sizes[0], 60, seq(1, before)+"printf par; read x < one; echo tial; "+seq(before+1, before+30))
	v.pull = pull
	v.shows("all output so far, and the status line", func() bool { return strings.Contains(v.text(), "\npar") && v.statusShown() })
	for i, rows := range sizes[1:] {
		v.resizeWindow(rows, 59-i) // the model keeps its columns: no line is as long
		if rows < 3 {
			v.shows("the whole screen given back", func() bool { return strings.HasSuffix(v.bytes(), "\x1b7\x1b[r\x1b8") })
			continue
		}
		v.shows("the status line in the new last line", func() bool {
			return !v.wholeRegion() && v.statusShown() && strings.Count(v.text(), "e2etap: ") == 1
		})
	}
	open()
	v.ended(0)
	want := lines(1, before) + "partial\n" + lines(before+1, before+30)
	if diff := cmp.Diff(want, v.commandOutput()); diff != "" {
		t.Errorf("output on the screen (-want +got):\n%s\nbytes: %q", diff, v.bytes())
	}
	if !v.wholeRegion() {
		t.Error("the scrolling region was not given back")
	}
}

func TestSummaryBeginsALine(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"printf 'no newline'":     "no newline\n",
		"echo newline":            "newline\n",
		":":                       "",
		seq(1, 20) + "printf end": lines(1, 20) + "end\n",
		seq(1, 20):                lines(1, 20),
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newAPI(t).kubeconfig())
			v := b.runOnTerminal(10, 60, script)
			v.ended(0)
			if diff := cmp.Diff(want, v.commandOutput()); diff != "" {
				t.Errorf("output on the screen (-want +got):\n%s\nbytes: %q", diff, v.bytes())
			}
		})
	}
}

// A program that reads single keys most likely draws the whole screen.
func TestStatusLineLeavesToFullScreenPrograms(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	open1, open2 := b.gate("one"), b.gate("two")
	v := b.runOnTerminal(10, 60, "read x < one; stty -icanon; read x < two; stty icanon; read x < one")
	v.shows("the status line", v.statusShown)
	open1()
	v.shows("the whole screen given back", v.wholeRegion)
	open2()
	v.shows("the status line again", func() bool { return !v.wholeRegion() && v.statusShown() })
	open1()
	v.ended(0)
}

func TestNoStatusLine(t *testing.T) {
	t.Parallel()
	const script = "read x < one; echo done"
	proxy := "proxy run --db e2e.db -- sh -c '" + script + "'"
	for name, command := range map[string]string{
		"dumb terminal":      "TERM=dumb " + proxy,
		"unknown terminal":   "TERM= " + proxy,
		"stderr elsewhere":   proxy + " 2>err",
		"background job":     "set -m; " + proxy + " & wait $!",
		"stderr into a pipe": proxy + " 2>&1 | cat",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newAPI(t).kubeconfig())
			open := b.gate("one")
			v := b.openTerminal(10, 60, "sh", "-c", command)
			time.Sleep(statusEvery + statusEvery/2) // there is nothing to wait for: nothing comes
			open()
			v.ended(0)
			if strings.Contains(v.bytes(), "\x1b") || strings.Contains(v.bytes(), "requests/s") {
				t.Errorf("wrote %q", v.bytes())
			}
		})
	}
}

func TestCommandHasTheTerminal(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	v := b.runOnTerminal(10, 60, "tty; test -t 0 && test -t 1 && test -t 2 && echo all three")
	v.ended(0)
	if got, want := v.commandOutput(), v.name+"\nall three\n"; got != want {
		t.Errorf("on the screen %q, want %q", got, want)
	}
}

// The terminal itself sends the keyboard's signals to the command.
func TestCtrlCReachesTheCommandOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	v := b.openTerminal(20, 60, "proxy", "run", "--db", b.db, "--", "signals")
	got := func(line string) {
		t.Helper()
		v.shows(line, func() bool { return strings.Contains(v.bytes(), line+"\r\n") })
	}
	// Each answer is waited for: such a key throws away what is written and not read yet (termios(3), NOFLSH).
	got("ready")
	for key, sig := range map[string]os.Signal{"\x03": syscall.SIGINT, "\x1c": syscall.SIGQUIT} { // Ctrl-C, Ctrl-\
		_, err := v.user.WriteString(key)
		must(t, err)
		got(sig.String())
	}
	v.signal(syscall.SIGUSR1) // what is passed on is so in order: a second one would come before this
	got(syscall.SIGUSR1.String())
	v.signal(syscall.SIGTERM)
	v.ended(42)
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		if n := strings.Count(v.bytes(), sig.String()+"\r\n"); n != 1 {
			t.Errorf("%v reached the command %d times, want once: %q", sig, n, v.bytes())
		}
	}
}
