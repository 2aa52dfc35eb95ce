package main

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/web/server"
)

const serveLong = `serve shows a run in the browser, as "report html" does, but reads from the recording what is looked at.
While the run is being recorded, the pages follow it.

It prints the address to open, which has a random token in it: who does not know it sees nothing. It
listens on loopback only, changes nothing, and ends with Ctrl-C.`

const serveExamples = `  report serve
  report serve --run pr-123 --listen 127.0.0.1:8001`

func newServe(o *options) *cobra.Command {
	listen := "127.0.0.1:0"
	cmd := &cobra.Command{
		Use: "serve", Short: "Show a run in the browser", Long: serveLong, Example: serveExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.serve(cmd, listen)
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	cmd.Flags().StringVar(&listen, "listen", listen, "the loopback address to listen at; port 0 is any free one")
	return cmd
}

func (o *options) serve(cmd *cobra.Command, listen string) error {
	var run db.RunInfo
	ask := func() (string, error) { return listen, server.CheckListen(listen) }
	err := opened(cmd, ask, o.open, func(r *db.Reader, _ string) (err error) {
		run, err = r.Run(o.run)
		return err
	})
	if err != nil {
		return err
	}
	open := func() (*db.Reader, error) { return o.open(cmd.ErrOrStderr()) }
	s, err := server.New(server.Config{Listen: listen, Open: open, Run: run.Name})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal does not wait
	fmt.Fprintln(cmd.OutOrStdout(), s.URL())
	return s.Serve(ctx)
}
