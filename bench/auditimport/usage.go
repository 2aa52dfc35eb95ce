//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// usage is what an import took.
type usage struct {
	cpu, wall time.Duration // cpu: user and system, of the processes and those that they waited for
	rss       int64         // bytes that the largest of the processes had in memory at most
}

func (u usage) String() string {
	return fmt.Sprintf("CPU %.2f s, wall %.2f s, %d MB", u.cpu.Seconds(), u.wall.Seconds(), u.rss/1e6)
}

// add adds what a process took that ran at the same time.
func (u usage) add(of *os.ProcessState) usage {
	u.cpu += of.UserTime() + of.SystemTime()
	u.rss = max(u.rss, of.SysUsage().(*syscall.Rusage).Maxrss*1024) // KiB, getrusage(2)
	return u
}

// command is a child that ends with this run, whatever ends that.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true, // Ctrl-C is for us alone to act on
		Pdeathsig: syscall.SIGKILL,
	}
	return c
}

// runMeasured runs a command, whose output goes to stdout, and says what it took.
func runMeasured(c *exec.Cmd, stdout io.Writer) (usage, error) {
	var stderr strings.Builder
	c.Stdout, c.Stderr = stdout, &stderr
	start := time.Now()
	if err := c.Run(); err != nil {
		return usage{}, fmt.Errorf("%s: %w\n%s", c.Path, err, stderr.String())
	}
	return usage{wall: time.Since(start)}.add(c.ProcessState), nil
}
