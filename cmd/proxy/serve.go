package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
	"e2etap/internal/tee"
)

func newServeCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Record the API requests of a shell of your own",
		Long: `serve starts the proxy, prints the lines that make a shell use it, and runs until SIGINT, SIGTERM or SIGHUP.

Scripts of that shell mark their tests as those of "proxy run" do (see its help):
  curl -fsS --data-urlencode "test=NAME" "$E2ETAP_URL/e2e/mark"

Exit codes: 0; 3 if something was not recorded; 1 failure; 2 wrong usage.`,
		Example: `  proxy serve > proxy.env & until [ -s proxy.env ]; do sleep 0.1; done; eval "$(cat proxy.env)"
  proxy serve --db dev.db --listen 127.0.0.1:7443
  proxy serve --context kind-dev --mode=proxy-url`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, o) },
	}
	o.register(cmd)
	return cmd
}

func serve(cmd *cobra.Command, o options) error {
	signals, stop := catch(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	p, err := begin(cmd.Context(), func(ctx context.Context) (*proxied, error) {
		return openProxied(ctx, o, nil, cmd.ErrOrStderr())
	}, signals)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "e2etap: proxy at %s, recording into %s; end it with Ctrl-C\n", p.gateway.Server(), p.recording.db)
	_, runErr := io.WriteString(cmd.OutOrStdout(), exports(p.environment())) // in one write: who waits for the first line has all
	if runErr == nil {
		status := newStatusLine(p.stderr, p.ledger.requestsLine(), new(tee.Turn))
		runErr = p.wait(cmd.Context(), signals)
		status.close()
	}
	return p.finish(cli.Code(runErr), runErr)
}

// exports are commands for a POSIX shell.
func exports(env []string) string {
	var lines strings.Builder
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(&lines, "export %s=%s\n", name, shellQuote(value))
	}
	return lines.String()
}

// wait returns when the proxy is to end, or has failed.
func (s *session) wait(ctx context.Context, signals <-chan os.Signal) error {
	select {
	case <-signals:
		return nil
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}
