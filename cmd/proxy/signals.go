package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"e2etap/internal/cli"
)

// forwarded are the signals that are COMMAND's to handle.
var forwarded = []os.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
}

// catch begins to take signals until it is told to stop. Those that were ignored when we started stay so, for COMMAND as
// well: nohup works.
//
// Meanwhile writing to a pipe that nobody reads any more fails instead of ending the process. COMMAND still has SIGPIPE's
// default action, which it would not have if we ignored the signal.
func catch(signals ...os.Signal) (caught <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 16)
	for _, sig := range signals {
		if !signal.Ignored(sig) {
			signal.Notify(c, sig)
		}
	}
	survived := make(chan os.Signal, 1)
	signal.Notify(survived, syscall.SIGPIPE)
	return c, func() {
		signal.Stop(c)
		signal.Stop(survived)
	}
}

// closer is a session of any kind.
type closer interface{ close(exitCode int) error }

// opening is what opening a session returned.
type opening[S closer] struct {
	session S
	err     error
}

// begin opens a session unless a signal comes first.
func begin[S closer](ctx context.Context, open func(context.Context) (S, error), signals <-chan os.Signal) (none S, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	opened := make(chan opening[S], 1)
	go func() {
		s, err := open(ctx)
		opened <- opening[S]{s, err}
	}()
	got := opening[S]{err: context.Canceled} // until it is known
	var sig os.Signal
	select {
	case got = <-opened:
		select {
		case sig = <-signals:
		default:
			return got.session, got.err
		}
	case sig = <-signals:
		cancel()
		select {
		case got = <-opened:
		case <-signals: // it hangs, in a credential plugin perhaps; the next start removes what it leaves
		}
	}
	code := exitSignal + int(sig.(syscall.Signal))
	err = fmt.Errorf("ended by a signal before it began: %v", sig)
	if got.err == nil {
		err = errors.Join(err, got.session.close(code))
	}
	return none, &cli.ExitError{Code: code, Err: err}
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
	foreground, err := inForeground(tty)
	return err == nil && foreground
}

// inForeground tells whether we are the job that a terminal's user is looking at. It fails if the terminal is not the
// one that controls us.
func inForeground(tty *os.File) (bool, error) {
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return group == syscall.Getpgrp(), err
}
