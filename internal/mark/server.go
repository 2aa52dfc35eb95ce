// Package mark takes the marks of scripts: requests over plain HTTP on loopback that tell which test runs now, as in
//
//	curl --data-urlencode test=NAME $E2ETAP_URL/e2e/mark
//
// It finds the process that a mark is for. What a mark means for requests is not its business, and it stores nothing.
package mark

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"e2etap/internal/peer"
	"e2etap/internal/traffic"
)

const (
	// grace is how long marks that are being taken may last once the server ends: longer than one that is forwarded.
	grace = forwardTimeout + time.Second
	// patience bounds how long a client may take to send its request.
	patience = 10 * time.Second
)

// Config is what a Server needs. All of it but Forward is required.
type Config struct {
	Peers *peer.Finder
	// Mark is told of each mark, in the goroutine of its request: the test that begins, or "" if one only ends; the
	// process that it is for, nil for the run as a whole; and when it was read.
	Mark    func(test string, p *traffic.Process, now time.Time)
	Forward *Forwarder // nil: marks are not forwarded
	Log     zerolog.Logger
}

// Server takes the marks of one run. Its URL holds a secret of the run, so that web pages cannot mark, nor other users
// where the kernel does not tell whose a connection is.
type Server struct {
	Config
	listener net.Listener
	http     *http.Server
	token    string
	warned   sync.Once    // that forwarding fails
	fresh    sync.Map     // connections that have not yet brought a request
	serving  sync.RWMutex // read-locked by each handler; locked for good at the end
}

// Listen opens a port of loopback that the kernel chooses. The server answers once it runs; end it with Run's context,
// or with Close if it never ran.
func Listen(c Config) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for marks: %w", err)
	}
	b := make([]byte, 32)
	rand.Read(b) // never fails (crypto/rand)
	s := &Server{Config: c, listener: l, token: base64.RawURLEncoding.EncodeToString(b)}
	s.http = &http.Server{
		Handler: s, ReadTimeout: patience, ConnContext: withConn, ConnState: s.connState,
		ErrorLog: log.New(io.Discard, "", 0), // of clients that leave
	}
	return s, nil
}

// URL is what scripts find in E2ETAP_URL: "http://127.0.0.1:PORT/TOKEN".
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/" + s.token }

// Close gives up a server that never ran.
func (s *Server) Close() error { return s.listener.Close() }

// Run serves until ctx is done, then finishes the marks that it is taking, for 6 seconds at most. It returns when
// everything it started has ended.
func (s *Server) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- s.http.Serve(s.listener) }()
	var err error
	select {
	case <-ctx.Done():
		s.listener.Close()
		<-ended
	case err = <-ended:
		err = fmt.Errorf("serve marks: %w", err)
	}
	s.shutdown()
	return err
}

// shutdown ends what is left when no connection is accepted any more.
func (s *Server) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	s.fresh.Range(func(c, _ any) bool { // Shutdown would wait for their first requests
		c.(net.Conn).Close()
		return true
	})
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
	s.serving.Lock() // for good: waits for every handler, and lets none in that a closed connection has left behind
	if s.Forward != nil {
		s.Forward.close()
	}
}

func (s *Server) connState(c net.Conn, state http.ConnState) {
	if state == http.StateNew {
		s.fresh.Store(c, nil)
	} else {
		s.fresh.Delete(c)
	}
}

type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// ServeHTTP answers a mark with 204, and everything else with a text that says what was expected.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.serving.TryRLock() { // Run is over
		panic(http.ErrAbortHandler)
	}
	defer s.serving.RUnlock()
	err := s.take(w, r)
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	status := http.StatusBadRequest
	var other *refusal
	if errors.As(err, &other) {
		status = other.status
	}
	http.Error(w, "e2etap: "+err.Error(), status)
}
