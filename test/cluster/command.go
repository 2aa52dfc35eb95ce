package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"e2etap/test/cluster/internal/plane"
)

// run runs the command line and returns the exit code: 0 done, 1 failure, 2 usage, or that of the command that "run"
// ran.
func run(ctx context.Context, args []string, std streams) int {
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	// Joined with an error of our own, in stopping the cluster, the command's end does not say it all.
	if ended, ok := err.(exitError); ok {
		return ended.code()
	}
	fmt.Fprintln(std.err, "cluster:", err)
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// A usageError is an error in the command line itself.
type usageError struct{ error }

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s wants no arguments, got %q", cmd.Name(), args)}
	}
	return nil
}

func newRoot(std streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "cluster",
		Short: "Build, start and stop a real Kubernetes control plane for tests",
		Example: `  cluster build
  eval "$(cluster up)"; kubectl get nodes; cluster down --all
  cluster run -- go test ./...`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q, want one that --help lists", args[0])}
			}
			return cmd.Help()
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newBuild(std), newUp(std), newRun(std), newSupervise(std), newDown(std))
	return root
}

// outputFlag is the format in which a cluster's Info is printed.
type outputFlag string

const (
	asShell outputFlag = "shell"
	asJSON  outputFlag = "json"
)

func (o *outputFlag) String() string { return string(*o) }
func (o *outputFlag) Type() string   { return "shell|json" }

func (o *outputFlag) Set(value string) error {
	if value != string(asShell) && value != string(asJSON) {
		return fmt.Errorf("want shell or json")
	}
	*o = outputFlag(value)
	return nil
}

// startFlags are the flags of the commands that start a cluster.
type startFlags struct {
	output         outputFlag
	quiet          bool
	apiServerFlags []string
}

func (f *startFlags) add(cmd *cobra.Command) {
	f.output = asShell
	flags := cmd.Flags()
	flags.VarP(&f.output, "output", "o", "how to print where the cluster is: as lines for eval, or as JSON")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "do not print the progress")
	flags.StringArrayVar(&f.apiServerFlags, "apiserver-flag", nil,
		"flag to add to kube-apiserver's, such as --goaway-chance=0.02; repeatable")
}

// progress is where the stages of a start are told.
func (f *startFlags) progress(std streams) io.Writer {
	if f.quiet {
		return io.Discard
	}
	return std.err
}

// print prints where the cluster is.
func (o outputFlag) print(out io.Writer, info plane.Info) error {
	if o == asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(info)
	}
	for _, variable := range environment(info) {
		name, value, _ := strings.Cut(variable, "=")
		if _, err := fmt.Fprintf(out, "export %s=%s\n", name, shellQuote(value)); err != nil {
			return err
		}
	}
	return nil
}

// environment returns the variables by which tests find the cluster, each as "NAME=value".
func environment(info plane.Info) []string {
	return []string{
		"KUBECONFIG=" + info.Kubeconfig,
		"E2ETAP_AUDIT_LOG=" + info.AuditLog,
		"E2ETAP_CLUSTER_BIN=" + info.Bin,
		"E2ETAP_CLUSTER=" + info.Dir,
	}
}

func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
