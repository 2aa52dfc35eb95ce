package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"e2etap/test/cluster/internal/plane"
)

func newUp(std streams) *cobra.Command {
	var flags startFlags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a cluster in the background and print where it is",
		Example: `  eval "$(cluster up)"
  cluster up -o json -q > cluster.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, err := startSupervisor(cmd.Context(), flags, std)
			if err != nil {
				return err
			}
			return flags.output.print(std.out, info)
		},
	}
	flags.add(cmd)
	return cmd
}

// startSupervisor starts "supervise" in a session of its own, and lets it go once its cluster is ready. If we end before
// that, however we do, its stdin ends, and it stops.
func startSupervisor(ctx context.Context, flags startFlags, std streams) (info plane.Info, err error) {
	self, err := os.Executable()
	if err != nil {
		return info, fmt.Errorf("find own executable: %w", err)
	}
	supervisor := exec.Command(self, superviseArgs(flags)...)
	supervisor.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	supervisor.Stderr = std.err
	stdin, err := supervisor.StdinPipe()
	if err != nil {
		return info, fmt.Errorf("make pipe: %w", err)
	}
	stdout, err := supervisor.StdoutPipe()
	if err != nil {
		return info, fmt.Errorf("make pipe: %w", err)
	}
	if err := supervisor.Start(); err != nil {
		return info, fmt.Errorf("start supervisor: %w", err)
	}
	// A signal tells the supervisor to stop, and Decode fails when it has; one that comes later is not ours to pass on.
	defer context.AfterFunc(ctx, func() { stdin.Close() })()
	if err := json.NewDecoder(stdout).Decode(&info); err != nil {
		return info, errors.Join(errors.New("the cluster did not start"), stdin.Close(), supervisor.Wait())
	}
	if _, err := fmt.Fprintln(stdin, detachWord); err != nil {
		return info, errors.Join(fmt.Errorf("let supervisor go: %w", err), supervisor.Wait())
	}
	// The supervisor closes its stdout when it no longer needs anything of ours.
	_, err = io.Copy(io.Discard, stdout)
	return info, err
}

// detachWord is the line on its stdin by which a supervisor learns that it may outlive the one who started it.
const detachWord = "detach"

func superviseArgs(flags startFlags) []string {
	args := []string{"supervise"}
	if flags.quiet {
		args = append(args, "--quiet")
	}
	for _, flag := range flags.apiServerFlags {
		args = append(args, "--apiserver-flag="+flag)
	}
	return args
}

// newSupervise returns the command that "up" leaves running in the background.
func newSupervise(std streams) *cobra.Command {
	var flags startFlags
	cmd := &cobra.Command{
		Use:    "supervise",
		Hidden: true,
		Args:   noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			detached := make(chan struct{})
			go func() {
				line, _ := bufio.NewReader(std.in).ReadString('\n')
				if strings.TrimSpace(line) != detachWord {
					cancel()
					return
				}
				close(detached)
			}()
			return withCluster(ctx, flags, std, func(p *plane.Plane) error {
				if err := asJSON.print(std.out, p.Info()); err != nil {
					return fmt.Errorf("print cluster: %w", err)
				}
				select {
				case <-detached:
				case <-ctx.Done():
					return nil
				}
				if err := letGo(); err != nil {
					return err
				}
				return waitForEnd(ctx, p)
			})
		},
	}
	flags.add(cmd)
	return cmd
}

// letGo puts the null device in place of this process's standard streams, so that whoever waits for the end of a pipe
// that "up" was given does not wait for us.
func letGo() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open null device: %w", err)
	}
	defer null.Close()
	for fd := range 3 {
		if err := unix.Dup3(int(null.Fd()), fd, 0); err != nil {
			return fmt.Errorf("replace standard stream %d: %w", fd, err)
		}
	}
	return nil
}
