package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// seen is a script that describes the command's files. Which of them are one file is seen from their numbers.
const seen = `exec 3>seen; for fd in 0 1 2; do test -t $fd && echo $fd is a terminal >&3; done
test "$(stat -L -c %d:%i /proc/$$/fd/1)" = "$(stat -L -c %d:%i /proc/$$/fd/2)" && echo 1 and 2 are one >&3
for fd in 0 1 2; do grep flags /proc/$$/fdinfo/$fd >&3; done`

// nonblock leaves of a file's flags (octal) only whether reading and writing never waits.
func nonblock(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		var flags int
		if n, _ := fmt.Sscanf(line, "flags: %o", &flags); n == 1 {
			line = fmt.Sprintf("never waits: %v\n", flags&syscall.O_NONBLOCK != 0)
		}
		b.WriteString(line)
	}
	return b.String()
}

// On a terminal, whatever of it goes elsewhere, a command sees the same as without us.
func TestCommandSeesItsFilesAsWithoutUs(t *testing.T) {
	t.Parallel()
	for _, redirect := range []string{"", "| cat", "2>err", "2>err | cat", "2>&1 | cat", ">out", ">out 2>&1", ">/dev/null", "2>/dev/tty", ">/dev/tty"} {
		t.Run(redirect, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newAPI(t).kubeconfig())
			must(t, os.WriteFile(filepath.Join(b.dir, "script"), []byte(seen), 0o600))
			var got [2]string
			for i, prefix := range []string{"", "proxy run --db e2e.db -- "} {
				b.openTerminal(10, 60, "sh", "-c", prefix+"sh script "+redirect).ended(0)
				text, err := os.ReadFile(filepath.Join(b.dir, "seen"))
				must(t, err)
				got[i] = nonblock(string(text))
			}
			if redirect == "2>/dev/tty" || redirect == ">/dev/tty" {
				got[0] = strings.Replace(got[0], "never", "1 and 2 are one\nnever", 1) // it is one terminal by two names
			}
			if diff := cmp.Diff(got[0], got[1]); diff != "" {
				t.Errorf("what the command sees (-without us +with us):\n%s", diff)
			}
		})
	}
}

// The command may ask for the size before we have learnt of a change: then it is told once more.
func TestCommandFollowsTheWindow(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	v := b.runOnTerminal(10, 60, `trap 'stty size <&1 >>sizes' WINCH; trap 'exit 3' TERM; stty size <&1 >>sizes; while :; do sleep 0.01; done`)
	sizes := func(want string) func() bool {
		return func() bool {
			text, err := os.ReadFile(filepath.Join(b.dir, "sizes"))
			return err == nil && string(text) == want
		}
	}
	v.shows("the size", sizes("10 60\n"))
	v.signal(syscall.SIGSTOP) // us, not the command
	v.resize(14)
	must(t, v.setSize(14, 60))
	v.shows("the size before the change again", sizes("10 60\n10 60\n"))
	v.signal(syscall.SIGCONT)
	v.shows("the new size", sizes("10 60\n10 60\n14 60\n"))
	v.signal(syscall.SIGTERM)
	v.ended(3)
}

// Both streams go to the terminal by the one way.
func TestOrderOnATerminal(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	v := b.runOnTerminal(10, 60, "for i in $(seq 50); do echo out $i; echo err $i >&2; done")
	v.ended(0)
	var want strings.Builder
	for i := 1; i <= 50; i++ {
		fmt.Fprintf(&want, "out %d\nerr %d\n", i, i)
	}
	if diff := cmp.Diff(want.String(), v.commandOutput()); diff != "" {
		t.Errorf("output on the screen (-want +got):\n%s", diff)
	}
}

// A write of the command may reach the terminal in pieces: the status line does not get in between.
func TestStatusLineWaitsForTheEndOfASequence(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	open1, open2 := b.gate("one"), b.gate("two")
	v := b.runOnTerminal(10, 60, `read x < one; printf 'gone\033[2'; read x < two; printf 'K\rleft'; read x < one`)
	v.shows("the status line", v.statusShown)
	open1()
	v.shows("half a sequence", func() bool { return strings.HasSuffix(v.bytes(), "gone\x1b[2") })
	time.Sleep(statusEvery + statusEvery/2) // there is nothing to wait for: nothing comes
	if !strings.HasSuffix(v.bytes(), "gone\x1b[2") {
		t.Errorf("something got in between: %q", v.bytes())
	}
	open2()
	v.shows("the status line again", func() bool { return strings.Contains(v.bytes(), "left\x1b7") })
	open1()
	v.ended(0)
	if got := v.commandOutput(); got != "left\n" {
		t.Errorf("on the screen %q", got)
	}
}
