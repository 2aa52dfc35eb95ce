//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stopTime is how long a child may take to end when asked to.
const stopTime = 15 * time.Second

// process is a child of this run. It ends with the run, whatever ends that.
type process struct {
	name   string
	cmd    *exec.Cmd
	cancel context.CancelFunc
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr text // for error messages

	endsBySignal bool // has no orderly end of its own
}

// text is what a process has written so far.
type text struct {
	mu sync.Mutex
	b  strings.Builder
}

func (t *text) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// cores are those that a process may run on; nil means any.
type cores []int

// command describes a child: a program with its arguments, and a file to inherit as number 3, if any.
type command struct {
	name  string
	args  []string
	env   []string
	file  *os.File
	cores cores
}

// start starts a child. Call it from the main thread only: the child dies with the thread that started it.
func start(ctx context.Context, c command) (*process, error) {
	ctx, cancel := context.WithCancel(ctx)
	p := &process{name: c.name, cancel: cancel, cmd: exec.CommandContext(ctx, c.args[0], c.args[1:]...)}
	p.cmd.Env = append(append(os.Environ(), "GOMAXPROCS=1"), c.env...)
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = stopTime
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true, // Ctrl-C is for us alone to act on
		Pdeathsig: syscall.SIGKILL,
	}
	if c.file != nil {
		p.cmd.ExtraFiles = []*os.File{c.file}
	}
	p.cmd.Stderr = &p.stderr
	stdout, outErr := p.cmd.StdoutPipe()
	stdin, inErr := p.cmd.StdinPipe()
	p.stdin, p.stdout = stdin, bufio.NewReader(stdout)
	if err := errors.Join(outErr, inErr, c.cores.run(p.cmd.Start)); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	return p, nil
}

// run calls f with this thread, and so what f starts, on these cores.
func (c cores) run(f func() error) error {
	if c == nil {
		return f()
	}
	var was, now unix.CPUSet
	if err := unix.SchedGetaffinity(0, &was); err != nil {
		return err
	}
	for _, core := range c {
		now.Set(core)
	}
	if err := unix.SchedSetaffinity(0, &now); err != nil {
		return fmt.Errorf("pin to cores %v: %w", c, err)
	}
	return errors.Join(f(), unix.SchedSetaffinity(0, &was))
}

// line waits for a line of the child's output that begins with prefix and returns the rest of it.
func (p *process) line(prefix string) (string, error) {
	for {
		text, err := p.stdout.ReadString('\n')
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return strings.TrimSpace(rest), nil
		}
		if err != nil {
			err = errors.Join(fmt.Errorf("%s ended: %w", p.name, err), p.stop())
			return "", fmt.Errorf("%w\n%s", err, p.stderr.String())
		}
	}
}

// stop asks the child to end and waits for it.
func (p *process) stop() error {
	p.cancel()
	err := p.cmd.Wait()
	if p.endsBySignal || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// cpu is the CPU time that the process has used, system calls included, to the nanosecond (clock_getcpuclockid(3)).
func (p *process) cpu() (time.Duration, error) {
	const schedulerClock = 2 // CPUCLOCK_SCHED of the kernel's include/linux/posix-timers.h
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|schedulerClock), &ts); err != nil {
		return 0, fmt.Errorf("CPU time of %s: %w", p.name, err)
	}
	return time.Duration(ts.Nano()), nil
}
