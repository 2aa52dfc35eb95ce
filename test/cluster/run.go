package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"e2etap/test/cluster/internal/cache"
	"e2etap/test/cluster/internal/plane"
	"e2etap/test/cluster/internal/process"
)

func newRun(std streams) *cobra.Command {
	var flags startFlags
	var stdinEOF bool
	cmd := &cobra.Command{
		Use:   "run [-- COMMAND [ARGUMENT...]]",
		Short: "Run a cluster in the foreground, for the time of a command or until a signal",
		Long: `Run a cluster in the foreground.

With a command, run it with KUBECONFIG, E2ETAP_AUDIT_LOG, E2ETAP_CLUSTER_BIN and E2ETAP_CLUSTER set, stop the cluster
when it ends, and exit with its exit code. Without one, print these variables and wait for SIGINT or SIGTERM.`,
		Example: `  cluster run -- go test ./...
  cluster run --apiserver-flag=--goaway-chance=0.02 -- sh -c 'kubectl get --raw /readyz'
  cluster run -o json --stdin-eof`,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			if stdinEOF {
				if len(args) > 0 {
					return usageError{errors.New("--stdin-eof is for run without a command, whose stdin it would take")}
				}
				go cancelAtEOF(std.in, cancel)
			}
			return withCluster(ctx, flags, std, func(p *plane.Plane) error {
				if len(args) > 0 {
					return runCommand(ctx, args, std, p)
				}
				if err := flags.output.print(std.out, p.Info()); err != nil {
					return fmt.Errorf("print cluster: %w", err)
				}
				return waitForEnd(ctx, p)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&stdinEOF, "stdin-eof", false, "stop when stdin ends, as it does when the caller does")
	return cmd
}

// cancelAtEOF reads and forgets the input, and cancels when it ends.
func cancelAtEOF(in io.Reader, cancel func()) {
	_, _ = io.Copy(io.Discard, in)
	cancel()
}

// withCluster starts a cluster, uses it and stops it.
func withCluster(ctx context.Context, flags startFlags, std streams, use func(*plane.Plane) error) error {
	dir, err := cache.Open()
	if err != nil {
		return err
	}
	p, err := plane.Start(ctx, plane.Options{
		Cache:          dir,
		APIServerFlags: flags.apiServerFlags,
		Progress:       flags.progress(std),
	})
	if err != nil {
		return err
	}
	used := use(p)
	if err := p.Stop(); err != nil {
		return errors.Join(used, err)
	}
	return used
}

// waitForEnd returns nil when ctx ends, and an error when a part of the cluster ends first.
func waitForEnd(ctx context.Context, p *plane.Plane) error {
	select {
	case <-ctx.Done():
		return nil
	case <-p.Life().Done():
		return fmt.Errorf("cluster failed: %w", context.Cause(p.Life()))
	}
}

// runCommand runs the command until it ends, or until it is told to because ctx ends or the cluster fails. It stays in
// our process group, so that it can read from a terminal.
func runCommand(ctx context.Context, args []string, std streams, p *plane.Plane) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.Life(), cancel)()

	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Env = append(os.Environ(), environment(p.Info())...)
	command.Stdin, command.Stdout, command.Stderr = std.in, std.out, std.err
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second

	spawner := process.NewSpawner()
	defer spawner.Close()
	if err := spawner.Start(command); err != nil {
		return fmt.Errorf("run %s: %w", args[0], err)
	}
	err := command.Wait()
	if p.Life().Err() != nil {
		return fmt.Errorf("cluster failed while %s ran: %w", args[0], context.Cause(p.Life()))
	}
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return exitError{ended}
	}
	return err
}

// An exitError is how the command of "run" ended: we end the same way, and say nothing.
type exitError struct{ *exec.ExitError }

// code is what a shell would report: 128 and the signal's number when a signal ended the command.
func (e exitError) code() int {
	if status, ok := e.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return e.ExitCode()
}
