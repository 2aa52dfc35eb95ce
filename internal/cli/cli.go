// Package cli is what the commands have in common: exit codes, the way errors are shown, the version.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Exit codes of every command.
const (
	ExitOK         = 0
	ExitFailure    = 1
	ExitUsage      = 2
	ExitIncomplete = 3 // finished, but something was not recorded
)

// ExitError ends a command with a code of its own. A nil Err prints nothing.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *ExitError) Unwrap() error { return e.Err }

// UsageError marks an error as one of the command line's.
func UsageError(err error) error { return &ExitError{Code: ExitUsage, Err: err} }

// Execute runs a command and returns its exit code. What goes wrong before a command's RunE begins is an error of the
// command line: code 2.
func Execute(ctx context.Context, root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Version = Version()
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	if !began {
		err = UsageError(err)
	}
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", root.Name(), err)
	}
	code := Code(err)
	if code == ExitUsage && exit.Err != nil {
		fmt.Fprintf(stderr, "hint: see %q\n", cmd.CommandPath()+" --help")
	}
	return code
}

// Code returns the exit code that an error stands for: [ExitFailure] unless it has an [ExitError] in it.
func Code(err error) int {
	var exit *ExitError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &exit):
		return exit.Code
	}
	return ExitFailure
}

// Version is the module's version, or the revision that it was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
