package gateway

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"

	"golang.org/x/net/http2"

	"e2etap/internal/traffic"
)

// hopByHop are the headers that belong to one connection (RFC 9110, section 7.6.1).
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true, "Proxy-Authorization": true,
	"Proxy-Connection": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

// forward sends a request on with its identity and streams the answer back. It panics with http.ErrAbortHandler where
// the answer breaks off, as net/http wants it.
func (g *Gateway) forward(x *exchange, w http.ResponseWriter, r *http.Request, id identity) {
	conn := connOf(r)
	transport := id.transports.Plain
	if r.Header.Get("Upgrade") != "" {
		transport = id.transports.Upgrade
	}
	proxy := httputil.ReverseProxy{
		Transport:      transport,
		Rewrite:        func(pr *httputil.ProxyRequest) { x.rewrite(pr, conn.target, id) },
		ModifyResponse: x.modifyResponse,
		ErrorHandler:   func(_ http.ResponseWriter, _ *http.Request, err error) { x.abort(conn, err) },
		BufferPool:     buffers,
		ErrorLog:       g.netLog,
	}
	proxy.ServeHTTP(w, r)
}

// rewrite makes the outgoing request equal to the incoming one but for where it goes and who sends it.
func (x *exchange) rewrite(pr *httputil.ProxyRequest, t *target, id identity) {
	in, out := pr.In, pr.Out
	out.URL.Scheme, out.URL.Host = t.server.Scheme, t.server.Host
	out.Host = t.server.Host
	out.URL.RawQuery = in.URL.RawQuery // ReverseProxy drops what it cannot parse
	if out.URL.EscapedPath() != x.q.Path && !strings.HasPrefix(x.q.Path, "//") {
		out.URL.Opaque = x.q.Path // written as it is
	}
	// ReverseProxy also takes away what a client's Connection header names, Impersonate-User for instance, and the
	// X-Forwarded-* headers. The API server would have seen them.
	for name, values := range in.Header {
		if _, there := out.Header[name]; !there && !hopByHop[name] {
			out.Header[name] = values
		}
	}
	id.apply(out.Header)
	out.Header.Set(headerAuditID, x.q.AuditID)
	replayable(x, in, out)
}

func (x *exchange) modifyResponse(res *http.Response) error {
	x.answered(res)
	if res.StatusCode == http.StatusSwitchingProtocols {
		stream, ok := res.Body.(io.ReadWriteCloser)
		if !ok {
			return errors.New("the upgraded connection cannot be written to")
		}
		res.Body = &streamBody{stream, x}
		return nil
	}
	if res.Body == http.NoBody {
		x.complete()
		return nil
	}
	res.Body = &answerBody{res.Body, x, res.ContentLength}
	return nil
}

// abort ends a request that got no answer the way the client would see it without a proxy: if no connection to the API
// server can be had, or it broke, the client's connection breaks, too; otherwise only this request does.
func (x *exchange) abort(conn *clientConn, err error) {
	outcome := traffic.UpstreamAborted
	if isDial(err) {
		outcome = traffic.UpstreamUnreachable
	}
	x.fail(outcome, err)
	if x.ctx.Err() == nil && !isStream(err) {
		x.end() // before the client can know
		conn.abort()
	}
	panic(http.ErrAbortHandler)
}

func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// isStream tells an HTTP/2 stream that the API server reset from a broken connection.
func isStream(err error) bool {
	var stream http2.StreamError
	return errors.As(err, &stream)
}

// buffers are what answers are copied through.
var buffers = &bufferPool{}

type bufferPool struct{ pool sync.Pool }

const bufferSize = 32 << 10

func (b *bufferPool) Get() []byte {
	if p, ok := b.pool.Get().(*[bufferSize]byte); ok {
		return p[:]
	}
	return make([]byte, bufferSize)
}

func (b *bufferPool) Put(p []byte) { b.pool.Put((*[bufferSize]byte)(p)) }
