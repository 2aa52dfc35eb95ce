package gateway

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"e2etap/internal/traffic"
)

// clientConn is one client connection below TLS. It lives as long as the connection.
type clientConn struct {
	net.Conn
	target    *target
	tunnelled bool      // came by CONNECT
	siblings  []*target // the clusters of the same host, target among them; nil unless tunnelled
	opened    time.Time

	search     chan owner       // has the client's process when it is found
	identified sync.Once        // of identify, which sets the next two
	process    *traffic.Process // nil: not known, and unknown says why
	unknown    string

	once sync.Once // of register
	id   int64

	broken atomic.Pointer[error] // why abort was called

	mu     sync.Mutex
	owners map[*target]*certUser // of the client's certificate, where one was verified
}

type connKey struct{}

// connContext makes the connection known to the handlers of its requests (http.Server.ConnContext).
func connContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c.(*tls.Conn).NetConn())
}

func connOf(r *http.Request) *clientConn { return r.Context().Value(connKey{}).(*clientConn) }

// register reports the connection with its first request, when its protocol is known, and returns its ID.
func (c *clientConn) register(rec Recorder, protocol string) int64 {
	c.once.Do(func() {
		if protocol == "" {
			protocol = "http/1.1" // the client did not negotiate (RFC 7301)
		}
		conn := &traffic.Connection{Opened: c.opened, Remote: c.RemoteAddr().String(), Protocol: protocol, Process: c.process, Unknown: c.unknown}
		rec.Connect(conn)
		c.id = conn.ID
	})
	return c.id
}

// abort breaks the connection as an API server does that is gone: with a reset, which client-go takes as a reason to
// try again where an orderly end of an HTTP/2 stream is not.
func (c *clientConn) abort(why error) {
	c.broken.CompareAndSwap(nil, &why)
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Conn.Close()
}

// aborted returns why the gateway broke the connection; nil if it did not.
func (c *clientConn) aborted() error {
	if why := c.broken.Load(); why != nil {
		return *why
	}
	return nil
}

// targetOf returns the cluster that a request is for. Those of one host, reached through one tunnel, are told apart by
// the longest base path.
func (c *clientConn) targetOf(r *http.Request) *target {
	best := c.target
	for _, t := range c.siblings {
		if t.has(r.URL.Path) && (!best.has(r.URL.Path) || len(t.basePath) > len(best.basePath)) {
			best = t
		}
	}
	return best
}

// isFor tells whether a request's Host header means what is behind this connection. It keeps web pages, whose host
// names may be made to resolve to this address, from being taken for clients.
func (c *clientConn) isFor(host string) bool {
	return c.target.hasHost(host) || !c.tunnelled && host == c.LocalAddr().String()
}

// certHost returns the name or address that the client verifies our certificate for.
func (c *clientConn) certHost(serverName string) string {
	switch {
	case c.tunnelled:
		return c.target.server.Hostname()
	case strings.EqualFold(serverName, "localhost"):
		return "localhost"
	}
	return c.LocalAddr().(*net.TCPAddr).IP.String()
}

// listener hands out the connections of a net.Listener as clientConns of one target.
type listener struct {
	net.Listener
	target *target
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &clientConn{Conn: c, target: l.target, opened: time.Now()}, nil
}

// tunnels is a net.Listener of connections that came by CONNECT.
type tunnels struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	addr   net.Addr
}

func newTunnels(addr net.Addr) *tunnels {
	return &tunnels{conns: make(chan net.Conn), closed: make(chan struct{}), addr: addr}
}

// push gives a connection to Accept; after Close it closes the connection.
func (t *tunnels) push(c net.Conn) {
	select {
	case t.conns <- c:
	case <-t.closed:
		c.Close()
	}
}

func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case c := <-t.conns:
		return c, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

func (t *tunnels) Close() error {
	t.once.Do(func() { close(t.closed) })
	return nil
}

func (t *tunnels) Addr() net.Addr { return t.addr }
