// Package process starts child processes that cannot outlive this one, and stops them.
//
// It relies on Linux: the kernel sends a child its "parent death signal" when the thread that started it ends, whatever
// ended it.
package process

import (
	"os/exec"
	"runtime"
	"syscall"
)

// A Spawner starts processes from one thread that lives as long as the Spawner does. Without it the kernel would kill a
// child as soon as the Go runtime retires the thread that happened to start it.
type Spawner struct {
	requests chan func()
}

// NewSpawner returns a Spawner; Close ends it.
func NewSpawner() *Spawner {
	s := &Spawner{requests: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for request := range s.requests {
			request()
		}
	}()
	return s
}

// Start starts cmd so that the kernel kills it when this process ends.
func (s *Spawner) Start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	err := make(chan error, 1)
	s.requests <- func() { err <- cmd.Start() }
	return <-err
}

// Close ends the Spawner's thread, and with it every process that it started and that still runs.
func (s *Spawner) Close() { close(s.requests) }
