package main

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/web/server"
)

const serveLong = `serve shows a run in the browser, as "report html" does, but reads from the recording what is looked at.
While the run is being recorded, the pages follow it. Where the recording has several runs, the pages
show any of them, --run first, and what changed since any other: since the one before, if --against
does not say otherwise.

It prints the address to open, which has a random token in it: who does not know it sees nothing. It
listens on loopback only, changes nothing, and ends with Ctrl-C.

` + againstLong + `

Exit codes: 0 ended by a signal; 1 failure, such as an address that is in use; 2 wrong usage, such as
an address that is not loopback.`

const serveExamples = `  report serve
  report serve --run pr-123 --listen 127.0.0.1:8001
  report serve --against main.db:nightly`

func newServe(o *options) *cobra.Command {
	listen := "127.0.0.1:0"
	cmd := &cobra.Command{
		Use: "serve", Short: "Show a run in the browser", Long: serveLong, Example: serveExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.serve(cmd, listen)
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	o.addAgainst(cmd)
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
	against, err := o.serveAgainst(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	open := func() (*db.Reader, error) { return o.open(cmd.ErrOrStderr()) }
	s, err := server.New(server.Config{Listen: listen, Open: open, Run: run.Name, Against: against})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal does not wait
	fmt.Fprintln(cmd.OutOrStdout(), s.URL())
	return s.Serve(ctx)
}

// serveAgainst is what --against names; nil without that.
func (o *options) serveAgainst(stderr io.Writer) (*server.Against, error) {
	if o.against == "" {
		return nil, nil
	}
	r, _, found, err := o.findAgainst(stderr)
	if err != nil {
		return nil, err
	}
	to := &server.Against{Run: found.run, Label: found.label}
	if found.label != "" {
		other := options{db: found.file}
		to.Open = func() (*db.Reader, error) { return other.open(stderr) }
	}
	return to, r.Close()
}
