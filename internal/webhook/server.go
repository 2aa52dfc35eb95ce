package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// grace is how long batches that are being taken may last once the server ends.
	grace = 5 * time.Second
	// patience bounds how long an API server may take to send a batch; it gives up after 30 seconds itself.
	patience = time.Minute
)

// Server serves a Handler over TLS.
type Server struct {
	listener net.Listener
	http     *http.Server
	fresh    sync.Map     // connections that have not yet brought a request
	serving  sync.RWMutex // read-locked by each request; locked for good at the end
}

// NewServer returns a server that owns the listener. The server answers once it runs.
func NewServer(l net.Listener, config *tls.Config, h *Handler) *Server {
	s := &Server{listener: l}
	s.http = &http.Server{
		Handler: s.while(h), TLSConfig: config, ReadTimeout: patience, ConnState: s.connState,
		ErrorLog: log.New(io.Discard, "", 0), // of clients that leave
	}
	return s
}

// while lets requests in until the server ends.
func (s *Server) while(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.serving.TryRLock() { // Run is over
			panic(http.ErrAbortHandler)
		}
		defer s.serving.RUnlock()
		h.ServeHTTP(w, r)
	})
}

// Close gives up a server that never ran.
func (s *Server) Close() error { return s.listener.Close() }

// Run serves until ctx is done, then finishes the batches that it is taking; those that have not come whole after 5 seconds are not
// answered, and not kept. It returns when everything it started has ended.
func (s *Server) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- s.http.ServeTLS(s.listener, "", "") }()
	select {
	case <-ctx.Done():
		err := s.shutdown()
		<-ended
		return err
	case err := <-ended:
		return errors.Join(fmt.Errorf("serve audit webhook: %w", err), s.shutdown())
	}
}

func (s *Server) shutdown() error {
	defer s.serving.Lock() // for good: waits for every handler, and lets none in that a closed connection has left behind
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	s.fresh.Range(func(c, _ any) bool { // Shutdown would wait for their first requests
		c.(net.Conn).Close()
		return true
	})
	if s.http.Shutdown(ctx) == nil {
		return nil
	}
	if err := s.http.Close(); err != nil {
		return fmt.Errorf("close audit webhook: %w", err)
	}
	return nil
}

func (s *Server) connState(c net.Conn, state http.ConnState) {
	if state == http.StateNew {
		s.fresh.Store(c, nil)
	} else {
		s.fresh.Delete(c)
	}
}
