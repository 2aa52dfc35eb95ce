package process

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// killAfter is how long a process may take to end after SIGTERM. kube-apiserver would wait for a minute for open
// watches; none of our processes has anything to save.
const killAfter = 5 * time.Second

// A Child is a running process, the leader of a process group of its own.
type Child struct {
	// Name says in messages which process it is.
	Name string
	// Log is the file that has the process's output.
	Log string

	process *os.Process
	done    chan struct{}
	err     error
}

// Command says what to run.
type Command struct {
	Name string
	Path string
	Args []string
	// Dir is the current folder of the process.
	Dir string
	// Env is its whole environment.
	Env []string
	// Log is the file that its output is appended to.
	Log string
}

// Run starts the command in a process group of its own, so that a terminal's Ctrl-C reaches only us, who stop the
// processes in order.
func (s *Spawner) Run(c Command) (*Child, error) {
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of %s: %w", c.Name, err)
	}
	defer log.Close()
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.Start(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	child := &Child{Name: c.Name, Log: c.Log, process: cmd.Process, done: make(chan struct{})}
	go child.wait(cmd)
	return child, nil
}

// wait ends with the process. Before it lets the kernel forget the process, and so give its id to another, it kills
// what is left of the group: kwok's "exec" commands, for example.
func (c *Child) wait(cmd *exec.Cmd) {
	defer close(c.done)
	for {
		err := unix.Waitid(unix.P_PID, c.process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			break
		}
	}
	_ = syscall.Kill(-c.process.Pid, syscall.SIGKILL)
	c.err = cmd.Wait()
}

// Done is closed when the process has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err says, once Done is closed, how the process ended.
func (c *Child) Err() error {
	status := "with exit status 0"
	if c.err != nil {
		status = "with " + c.err.Error()
	}
	return fmt.Errorf("%s ended %s, its log is %s", c.Name, status, c.Log)
}

// Stop asks the process to end, kills it when it does not, and returns when it has ended.
func (c *Child) Stop() {
	// Signalling through os.Process is safe when the process has ended and its id is another's.
	_ = c.process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
		return
	case <-time.After(killAfter):
	}
	_ = c.process.Kill()
	<-c.done
}
