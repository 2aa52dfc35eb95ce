package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
)

func newServeCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Record the API requests of a shell of your own",
		Long: `serve starts the proxy, prints the line that makes a shell use it, and runs until SIGINT or SIGTERM.

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
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)

	s, err := open(cmd.Context(), o, nil, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "export KUBECONFIG=%s\n", shellQuote(s.kubeconfig()))
	fmt.Fprintf(s.stderr, "e2etap: proxy at %s, recording into %s; end it with Ctrl-C\n", s.gateway.Server(), s.options.db)
	status := newStatusLine(s.stderr, s.ledger)
	code, runErr := s.wait(cmd, signals)
	status.close()
	closeErr := s.close(code)
	s.summary()
	return runResult(code, runErr, closeErr, s.ledger.rec.Lost())
}

// wait returns when the proxy is to end, or has failed.
func (s *session) wait(cmd *cobra.Command, signals <-chan os.Signal) (code int, err error) {
	select {
	case <-signals:
		return cli.ExitOK, nil
	case <-cmd.Context().Done():
		return cli.ExitOK, nil
	case err := <-s.lost:
		return cli.ExitFailure, fmt.Errorf("a request could not be recorded: %w", err)
	case err := <-s.served:
		s.served <- nil // for close
		return cli.ExitFailure, errors.Join(errors.New("the proxy failed"), err)
	}
}
