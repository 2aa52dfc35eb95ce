package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"

	"e2etap/internal/cli"
	"e2etap/internal/tee"
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
	env            []string // in addition to ours
	stdin          io.Reader
	stdout, stderr io.Writer
	watch          func([]byte, time.Time) // as a tee.Watcher; nil: the command has our own files
	turn           *tee.Turn               // of who else writes to our terminal
}

// findCommand fails if there is no such program, which is better known before anything else is done.
func findCommand(name string) error {
	if _, err := exec.LookPath(name); err != nil {
		return startError(err)
	}
	return nil
}

func startError(err error) error {
	code := exitCannotRun
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		code = exitNotFound
	}
	return &cli.ExitError{Code: code, Err: fmt.Errorf("start command: %w", err)}
}

// run runs the command to its end, passing signals on, and returns its exit code. An error is the run's own, not the
// command's: the session has failed, and the command was asked to end (SIGTERM).
func (c *child) run(signals <-chan os.Signal, failed <-chan error) (code int, err error) {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.stdin, c.stdout, c.stderr // files, so that the child has them itself
	out := c.tee(cmd)
	if err := out.start(cmd); err != nil {
		err = startError(err)
		return cli.Code(err), err
	}
	early := len(signals) // of the time when the terminal could not send them to the command
	done := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		out.finish()
		done <- err
	}()
	var failure error
	for {
		select {
		case err := <-done:
			select {
			case failure = <-failed:
			default:
			}
			if failure != nil {
				return cli.ExitFailure, fmt.Errorf("ended the command: %w", failure)
			}
			return exitCode(cmd, err)
		case sig := <-signals:
			out.hurry(sig)
			if early > 0 || !fromTerminal(sig) {
				cmd.Process.Signal(sig) // an error means that it has just ended
			}
			early--
		case failure = <-failed:
			failed = nil // once is enough
			out.hurry(syscall.SIGTERM)
			cmd.Process.Signal(syscall.SIGTERM)
		}
	}
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
