package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// maxStreams is more than kube-apiserver offers by default (100, or --http2-max-streams-per-connection), so that no
	// client waits here for what the API server would let it have; upstream, more connections are opened as needed.
	maxStreams = 1000
	// grace is how long requests that are not long-running may take to end once the gateway closes.
	grace = 5 * time.Second
	// noticed is how long it may take to notice that a client has gone.
	noticed = 250 * time.Millisecond
)

// Run serves until ctx is done, then closes in order: no new connections, long-running requests ended, the others
// waited for. It returns when everything it started has ended.
func (g *Gateway) Run(ctx context.Context) error {
	handlers := []*http.Server{}
	errs := make(chan error, len(g.doors)+1)
	var serving sync.WaitGroup
	serve := func(s *http.Server, f func() error) {
		handlers = append(handlers, s)
		serving.Go(func() {
			if err := f(); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				errs <- fmt.Errorf("serve: %w", err)
			}
		})
	}
	for _, d := range g.doors {
		if d.target == nil {
			s := g.connectServer()
			serve(s, func() error { return s.Serve(d.Listener) })
			continue
		}
		s := g.tlsServer()
		serve(s, func() error { return s.ServeTLS(listener(d), "", "") })
	}
	if g.tunnels != nil {
		s := g.tlsServer()
		serve(s, func() error { return s.ServeTLS(g.tunnels, "", "") })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-errs:
	}
	g.shutdown(handlers)
	serving.Wait()
	return err
}

func (g *Gateway) shutdown(servers []*http.Server) {
	g.letEnd()
	g.close(errClosing)
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var closing sync.WaitGroup
	for _, s := range servers {
		closing.Go(func() {
			if s.Shutdown(ctx) != nil {
				s.Close()
			}
		})
	}
	g.fresh.Range(func(c, _ any) bool { // Shutdown would wait for their first requests
		c.(net.Conn).Close()
		return true
	})
	closing.Wait()
	g.serving.Lock() // for good: waits for every handler, and lets none in that a closed connection has left behind
	for _, t := range g.targets {
		t.closeIdle()
	}
}

// letEnd waits a moment for requests that go on. The command's processes have ended, and so have their requests, but that may not have
// been noticed yet.
func (g *Gateway) letEnd() {
	for giveUp := time.Now().Add(noticed); time.Now().Before(giveUp); time.Sleep(noticed / 50) {
		if g.serving.TryLock() {
			g.serving.Unlock()
			return
		}
	}
}

// tlsServer serves requests. Like kube-apiserver it sets no time limits on them.
func (g *Gateway) tlsServer() *http.Server {
	return &http.Server{
		Handler:     g.front,
		TLSConfig:   g.tlsConfig(),
		ConnContext: connContext,
		ConnState:   g.connState,
		ErrorLog:    g.netLog,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams:          maxStreams,
			MaxReceiveBufferPerConnection: 4 << 20, // fewer window updates for large bodies
			MaxReceiveBufferPerStream:     1 << 20,
		},
	}
}

// connState keeps the connections that have not yet brought a request.
func (g *Gateway) connState(c net.Conn, state http.ConnState) {
	if state == http.StateNew {
		g.fresh.Store(c, nil)
	} else {
		g.fresh.Delete(c)
	}
}

// connectServer takes CONNECT requests over plain HTTP; what is inside a tunnel is TLS.
func (g *Gateway) connectServer() *http.Server {
	return &http.Server{Handler: g.front, ConnState: g.connState, ErrorLog: g.netLog}
}
