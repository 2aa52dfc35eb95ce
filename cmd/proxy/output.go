package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"e2etap/internal/tee"
)

// commandOutput is a command's output on its way through us, if it goes through us.
type commandOutput struct {
	tee    *tee.Tee // nil: it does not
	stderr io.Writer

	once  sync.Once
	urged chan struct{}
}

// tee puts us between a command and its files, if somebody watches. That this fails is no reason not to run the command.
func (c *child) tee(cmd *exec.Cmd) *commandOutput {
	out := &commandOutput{stderr: c.stderr, urged: make(chan struct{})}
	if c.watch == nil {
		return out
	}
	t, err := tee.Open(c.stdout, c.stderr, c.watch, c.turn)
	if err != nil {
		fmt.Fprintf(c.stderr, "e2etap: warning: the command's output is not watched: %v\n", err)
		return out
	}
	out.tee, cmd.Stdout, cmd.Stderr = t, t.Stdout(), t.Stderr()
	return out
}

func (o *commandOutput) start(cmd *exec.Cmd) error {
	err := cmd.Start()
	switch {
	case o.tee == nil:
	case err != nil:
		o.tee.Close()
	default:
		o.tee.Start()
	}
	return err
}

// finish returns when what the command wrote is passed on. If that is impossible, it says so.
func (o *commandOutput) finish() {
	if o.tee == nil {
		return
	}
	if err := o.tee.Finish(o.urged); err != nil {
		fmt.Fprintf(o.stderr, "e2etap: the command's output is not complete: %v\n", err)
	}
}

// hurry is told of signals: one that asks for the end lets nobody wait long for a reader any more.
func (o *commandOutput) hurry(sig os.Signal) {
	if sig != syscall.SIGUSR1 && sig != syscall.SIGUSR2 {
		o.once.Do(func() { close(o.urged) })
	}
}
