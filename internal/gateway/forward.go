package gateway

import (
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
)

// hopByHop are the headers that belong to one connection (RFC 9110, section 7.6.1).
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true, "Proxy-Authorization": true,
	"Proxy-Connection": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

// forward sends a request on with its identity and streams the answer back. It panics with http.ErrAbortHandler where
// the answer breaks off, as net/http wants it.
func (g *Gateway) forward(x *exchange, w http.ResponseWriter, r *http.Request, id identity) {
	transport := id.transports.Plain
	if r.Header.Get("Upgrade") != "" {
		transport = id.transports.Upgrade
	}
	// an API server may answer before it has read the whole request; HTTP/2 always allows it
	http.NewResponseController(w).EnableFullDuplex()
	proxy := httputil.ReverseProxy{
		Transport:      transport,
		Rewrite:        func(pr *httputil.ProxyRequest) { x.rewrite(pr, id) },
		ModifyResponse: func(res *http.Response) error { return x.modifyResponse(w.Header(), res, r.ProtoMajor) },
		ErrorHandler:   func(w http.ResponseWriter, _ *http.Request, err error) { x.unanswered(w, err) },
		BufferPool:     buffers,
		ErrorLog:       g.netLog,
	}
	proxy.ServeHTTP(w, r)
}

// rewrite makes the outgoing request equal to the incoming one but for where it goes and who sends it.
func (x *exchange) rewrite(pr *httputil.ProxyRequest, id identity) {
	in, out, server := pr.In, pr.Out, x.target.server
	out.URL.Scheme, out.URL.Host = server.Scheme, server.Host
	out.Host = server.Host
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
	if x.userAgent != x.q.Client.UserAgent {
		out.Header.Set("User-Agent", x.userAgent)
	}
	replayable(x, in, out)
}

// modifyResponse takes the answer's header on its way to the client's, h.
func (x *exchange) modifyResponse(h http.Header, res *http.Response, clientProto int) error {
	x.body.release()
	x.answered(res)
	if res.StatusCode == http.StatusSwitchingProtocols {
		stream, ok := res.Body.(io.ReadWriteCloser)
		if !ok {
			return errors.New("the upgraded connection cannot be written to")
		}
		res.Body = &streamBody{stream, x}
		return nil
	}
	for _, name := range []string{"Date", "Content-Type"} {
		if _, there := res.Header[name]; !there {
			h[name] = nil // keeps net/http from adding its own
		}
	}
	if len(res.Trailer) > 0 && clientProto == 1 {
		res.Header.Del("Content-Length") // HTTP/1.1 has trailers in chunked bodies only
	}
	x.answer(res, clientProto)
	return nil
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
