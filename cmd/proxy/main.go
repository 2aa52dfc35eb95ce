// Command proxy stands between test programs and a Kubernetes API server and records which test sent which request.
//
// This package wires the parts together and keeps their life cycle; it decides nothing about requests.
package main

import (
	"context"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(800) // the live heap is a few megabytes; to collect it at every doubling costs CPU for nothing
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main for tests, too.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "proxy",
		Short: "Record which Kubernetes API requests belong to which e2e test",
		Long: `proxy stands between test programs and a Kubernetes API server: it forwards every request unchanged, learns which
test sent it, and records it in a SQLite file. "report" answers questions from there.`,
	}
	root.AddCommand(newRunCommand(), newServeCommand(), newSpyCommand(), newKubeconfigCommand(), newAuditWebhookCommand())
	return cli.Execute(ctx, root, args, stdin, stdout, stderr)
}
