package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"e2etap/internal/cli"
	"e2etap/internal/db"
	"e2etap/internal/web/server"
)

// anyPort is what --ui alone stands for.
const anyPort = "127.0.0.1:0"

// page is the page that shows the run while it goes on: the address it is served at; "" for none.
type page struct{ ui string }

func (p *page) register(f *pflag.FlagSet) {
	f.StringVar(&p.ui, "ui", "", "show the run in the browser while it goes on; the address to open, which only this machine can, is on standard error")
	f.Lookup("ui").NoOptDefVal = anyPort
}

func (p *page) check() error {
	if p.ui == "" {
		return nil
	}
	if err := server.CheckListen(p.ui); err != nil {
		return cli.UsageError(fmt.Errorf("--ui: %w", err))
	}
	return nil
}

// show begins to serve the page, and says where. It returns what serves it until the session ends, which never fails: a run is not to
// suffer from who looks at it.
func (s *session) show(p page) func(context.Context) error {
	none := func(context.Context) error { return nil }
	if p.ui == "" {
		return none
	}
	warn := func(err error) {
		fmt.Fprintf(s.stderr, "e2etap: warning: the run is not shown in the browser: %v\n", err)
	}
	open := func() (*db.Reader, error) { return db.OpenReader(s.recording.db) }
	page, err := server.New(server.Config{Listen: p.ui, Open: open, Run: s.ledger.rec.RunName()})
	if err != nil {
		warn(err)
		return none
	}
	s.say("the run in the browser: %s", page.URL())
	return func(ctx context.Context) error {
		if err := page.Serve(ctx); err != nil {
			warn(err)
		}
		return nil
	}
}
