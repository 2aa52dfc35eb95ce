// Package server shows the runs of a recording in a browser over loopback: the application of internal/web, and what it asks for, read
// from the recording page by page. It works while the recording is being written. It changes nothing, and asks nothing of anybody else.
//
// # Who may ask
//
// Whoever knows the address that [Server.URL] returns, whose first part is a random token: pages of other origins do not. A Host header
// that is no loopback name is refused, so that no name of somebody's can lead a browser here (DNS rebinding). Only GET is answered.
//
// # What can be asked for
//
// Below the token, as JSON; internal/view says what the fields mean. Each takes run=NAME, without which it is about the run that is shown
// first:
//
//	api/runs          {"shown": which is first, "against": what it is compared with if nothing else is said, as "run" and "label" of
//	                  view.Compared, or null, "runs": [{"run", "start", "end", "exit_code", "requests", "tests", "specs"}, …]}, newest first
//	api/state         {"requests", "specs", "operations", "end"}: changes when the run does; end is null until it has one
//	api/model         view.Model
//	api/activity      view.Activity
//	api/operations    view.Operations
//	api/unattributed  [view.Unattributed, …]
//	api/audited       view.Audited; null where no log has anything of the run's time
//	api/diff?against=NAME
//	                  view.Diff from another run to this one. Without against, it is Config.Against, or else the run before
//	api/requests?test=NAME&offset=0&limit=10000
//	                  view.Columns of that page of a test's requests, "" for those without one; fewer than limit are the last
//	api/live?after=0&limit=100&test=&verb=&resource=&status=&client=&open=
//	                  view.Live: what is new since an answer whose "last" was after, of the chosen requests limit (up to 500; 0: numbers
//	                  only), and which of some open requests, 17,18, have ended
//
// An error is text/plain with a status of 400 or higher: 404 for a run that the recording does not have, or that is the first
// and has none before to be compared with.
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
)

// Server shows the runs of a recording.
type Server struct {
	Config
	listener net.Listener
	token    string

	once   sync.Once     // of closing opened
	opened chan struct{} // closed when a page has asked for its first model

	mu    sync.Mutex
	shown []*shownRun // the latest asked for, at most mostShown
}

// Config says what is shown, and where.
type Config struct {
	Listen string // see CheckListen
	// Open opens the recording, for each answer anew: who has it open while its recorder ends makes that wait.
	Open func() (*db.Reader, error)
	Run  string // is shown first

	Against *Against // is what runs are compared with, if the question does not say; nil: the run before
}

// Against is a run to compare others with.
type Against struct {
	Run   string
	Label string                     // what to call a run of another recording
	Open  func() (*db.Reader, error) // opens that; nil: the run is of the recording that is shown
}

// New begins to listen.
func New(c Config) (*Server, error) {
	if err := CheckListen(c.Listen); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, err
	}
	return &Server{Config: c, listener: l, token: rand.Text(), opened: make(chan struct{})}, nil
}

// URL is the address to open, with the token.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/" + s.token + "/" }

// Serve answers until the context is cancelled.
func (s *Server) Serve(ctx context.Context) error {
	h := http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 18}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(s.listener) }()
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		s.count(ctx)
	}()
	defer func() { <-counted }()
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
