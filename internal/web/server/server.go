// Package server shows a recorded run in a browser over loopback: the application of internal/web, and what it asks for, read from the
// recording page by page. It works while the recording is being written. It changes nothing, and asks nothing of anybody else.
//
// # Who may ask
//
// Whoever knows the address that [Server.URL] returns, whose first part is a random token: pages of other origins do not. A Host header
// that is no loopback name is refused, so that no name of somebody's can lead a browser here (DNS rebinding). Only GET is answered.
//
// # What can be asked for
//
// Below the token, as JSON; internal/view says what the fields mean:
//
//	api/state         {"requests", "specs", "operations", "end"}: changes when the run does; end is null until it has one
//	api/model         view.Model
//	api/activity      view.Activity
//	api/operations    view.Operations
//	api/unattributed  [view.Unattributed, …]
//	api/requests?test=NAME&offset=0&limit=10000
//	                  view.Columns of that page of a test's requests, "" for those without one; fewer than limit are the last
//
// An error is text/plain with a status of 400 or higher.
package server

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/view"
)

// Server shows one run.
type Server struct {
	listener net.Listener
	token    string

	open func() (*db.Reader, error)
	name string // of the run

	mu        sync.Mutex  // for all below
	endpoints *view.Index // of all answers, so that numbers in one mean the same in another
	activity  kept[*view.Activity]
	none      kept[[]view.Unattributed]
}

// New begins to listen at an address, which must be a loopback one. Open opens the recording, for each answer anew: who has it open while
// its recorder ends makes that wait.
func New(listen string, open func() (*db.Reader, error), run string) (*Server, error) {
	l, err := listenLoopback(listen)
	if err != nil {
		return nil, err
	}
	return &Server{listener: l, token: rand.Text(), open: open, name: run, endpoints: view.NewIndex()}, nil
}

// URL is the address to open, with the token.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/" + s.token + "/" }

// Serve answers until the context is cancelled.
func (s *Server) Serve(ctx context.Context) error {
	h := http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 18}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(s.listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	err := end(&h)
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// patience is how long browsers may take for the rest of their answers.
const patience = 300 * time.Millisecond

// end ends connections, among them those that browsers open for later and [http.Server.Shutdown] waits for.
func end(h *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := h.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = h.Close()
	}
	return err
}

// kept is an answer that is made again when the run has grown.
type kept[T any] struct {
	value T
	of    stamp
}

// stamp changes when a run does.
type stamp struct {
	requests, specs int64
	end             time.Time
}

func stampOf(i db.RunInfo) stamp { return stamp{i.Requests, i.Specs, i.End} }

func (k *kept[T]) get(r *db.Reader, info db.RunInfo, load func(*db.Reader, db.RunInfo) (T, error)) (T, error) {
	if k.of == stampOf(info) && info.Requests > 0 {
		return k.value, nil
	}
	v, err := load(r, info)
	if err == nil {
		k.value, k.of = v, stampOf(info)
	}
	return v, err
}
