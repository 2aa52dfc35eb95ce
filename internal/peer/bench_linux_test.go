package peer

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// crowd starts as many other processes, as a machine has that runs a control plane and a suite.
func crowd(b *testing.B, n int) {
	b.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	var all []*exec.Cmd
	b.Cleanup(func() {
		w.Close()
		for _, cmd := range all {
			cmd.Wait()
		}
	})
	for range n {
		cmd := helper(b, "hold")
		cmd.Stdin = r
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		all = append(all, cmd)
	}
	r.Close()
}

// cpu is what this process has used so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const manyProcesses = 300

// stopwatch measures a part of each iteration, also by the CPU's time, which a busy machine spoils less.
type stopwatch struct{ wall, cpu time.Duration }

func (w *stopwatch) run(b *testing.B, work func()) {
	start, used := time.Now(), cpu(b)
	work()
	w.wall, w.cpu = w.wall+time.Since(start), w.cpu+cpu(b)-used
}

func (w *stopwatch) report(b *testing.B) {
	b.ReportMetric(float64(w.wall.Microseconds())/float64(b.N), "µs/find")
	b.ReportMetric(float64(w.cpu.Microseconds())/float64(b.N), "cpu-µs/find")
}

// A worker that makes one connection after the other.
func BenchmarkFindKnownClient(b *testing.B) {
	l, f := listen(b), NewFinder()
	c := startClient(b, l)
	crowd(b, manyProcesses)
	for range 3 {
		mustFind(b, f, c)
	}
	benchmarkFind(b, f, c)
}

// A socket that is not close-on-exec: all processes are looked at.
func BenchmarkFindInheritedSocket(b *testing.B) {
	crowd(b, manyProcesses)
	l := listen(b)
	startClient(b, l).tell(b, "share 1 close")
	benchmarkFind(b, NewFinder(), next(b, l))
}

func benchmarkFind(b *testing.B, f *Finder, c *peerConn) {
	var w stopwatch
	w.run(b, func() {
		for b.Loop() {
			if _, err := ownerOf(f, c); err != nil {
				b.Fatal(err)
			}
		}
	})
	w.report(b)
}

// A kubectl: each time another process.
func BenchmarkFindNewChild(b *testing.B) {
	crowd(b, manyProcesses)
	l, f := listen(b), NewFinder()
	parent := startClient(b, l)
	for range 3 {
		mustFind(b, f, parent)
	}
	var w stopwatch
	for b.Loop() {
		fmt.Fprintln(parent, "spawn")
		child := next(b, l)
		parent.line(b)
		w.run(b, func() { mustFind(b, f, child) })
		fmt.Fprintln(child, "end")
		io.Copy(io.Discard, child)
	}
	w.report(b)
}

// What of all that the question to the kernel is.
func BenchmarkLookup(b *testing.B) {
	c := startClient(b, listen(b))
	for b.Loop() {
		if _, err := Lookup(c); err != nil {
			b.Fatal(err)
		}
	}
}
