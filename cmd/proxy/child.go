package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"e2etap/internal/cli"
)

// Exit codes of POSIX shells for a command that cannot be started.
const (
	exitCannotRun = 126
	exitNotFound  = 127
	exitSignal    = 128 // plus the signal's number
)

// child is the command that proxy run runs.
type child struct {
	args           []string
	kubeconfig     string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run runs the command to its end, passing signals on, and returns its exit code. An error is the run's own, not the
// command's.
func (c *child) run(signals <-chan os.Signal, s *session) (code int, err error) {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.stdin, c.stdout, c.stderr // files, so that the child has them itself
	if err := cmd.Start(); err != nil {
		return startCode(err), fmt.Errorf("start command: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case err := <-done:
			return exitCode(cmd, err)
		case sig := <-signals:
			if !fromTerminal(sig) {
				cmd.Process.Signal(sig) // an error means that it has just ended
			}
		case err := <-s.lost:
			cmd.Process.Signal(syscall.SIGTERM)
			<-done
			return cli.ExitFailure, fmt.Errorf("ended the command, a request could not be recorded: %w", err)
		case err := <-s.served:
			s.served <- nil // for close
			cmd.Process.Signal(syscall.SIGTERM)
			<-done
			return cli.ExitFailure, fmt.Errorf("ended the command, the proxy failed: %w", err)
		}
	}
}

func startCode(err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return exitNotFound
	}
	return exitCannotRun
}

func exitCode(cmd *exec.Cmd, err error) (int, error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return cli.ExitFailure, fmt.Errorf("wait for command: %w", err)
	}
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return exitSignal + int(status.Signal()), nil
	}
	return cmd.ProcessState.ExitCode(), nil
}

// fromTerminal tells whether a signal most likely came from the terminal's keyboard, which sends it to the command as
// well: to pass it on would deliver it twice.
func fromTerminal(sig os.Signal) bool {
	if sig != syscall.SIGINT && sig != syscall.SIGQUIT {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false // no terminal
	}
	defer tty.Close()
	foreground, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && foreground == syscall.Getpgrp()
}
