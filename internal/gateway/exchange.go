package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"e2etap/internal/traffic"
)

// Headers that carry evidence or identity of a request (KEP-859 for kubectl's).
const (
	headerAuditID        = "Audit-ID"
	headerTest           = "E2e-Test"
	headerKubectlCommand = "Kubectl-Command"
	headerKubectlSession = "Kubectl-Session"
)

// errClosing is the cause of a long-running request's end when the proxy itself ends.
var errClosing = errors.New("the proxy ended")

// exchange is one request and its answer on their way through the gateway, and the row that tells of them.
type exchange struct {
	rec  Recorder
	ctx  context.Context
	q    traffic.Request
	once sync.Once // of finish
	stop func()    // frees what untilClosing took; nil for other requests

	conn      *clientConn
	target    *target
	userAgent string          // to go on with
	closing   context.Context // the gateway's
	body      *replayBody     // nil if the request has none
	stream    upgraded        // of an upgraded connection

	// body bytes from and to the client; what copies them may still do so when the exchange ends
	in, out atomic.Int64

	mu      sync.Mutex
	outcome traffic.Outcome // what broke either side, if anything did,
	err     error           // and why
}

// begin reads what a request asks for and what it tells about its test.
func (g *Gateway) begin(conn *clientConn, r *http.Request) *exchange {
	x := &exchange{rec: g.recorder, ctx: r.Context(), conn: conn, target: conn.targetOf(r), closing: g.closing}
	q := &x.q
	q.Start = time.Now()
	q.Connection = conn.register(g.recorder, r.TLS.NegotiatedProtocol)
	q.Method = r.Method
	q.Path = rawPath(r)
	q.API, q.Query = g.parser.Parse(r.Method, strings.TrimPrefix(r.URL.Path, x.target.basePath), r.URL.RawQuery)
	q.RequestContentType = r.Header.Get("Content-Type")
	q.Client = traffic.Client{
		UserAgent:      r.Header.Get("User-Agent"),
		TestHeader:     r.Header.Get(headerTest),
		KubectlCommand: r.Header.Get(headerKubectlCommand),
		KubectlSession: r.Header.Get(headerKubectlSession),
	}
	x.userAgent = g.attribute(q, conn.process)
	return x
}

// rawPath returns the path as the client wrote it.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if strings.HasPrefix(path, "/") {
		return path
	}
	return r.URL.EscapedPath() // "*", or an absolute form
}

// auditID returns the request's own Audit-ID, or a new UUID. Version 7 keeps recordings small: its values rise.
func auditID(h http.Header) string {
	if id := h.Get(headerAuditID); id != "" {
		return id
	}
	return uuid.Must(uuid.NewV7()).String() // fails only if the kernel has no randomness
}

// start writes the row of a request that may last, so that its existence is recorded whatever happens.
func (x *exchange) start() {
	x.q.Outcome = traffic.Open
	x.rec.Start(&x.q)
}

// answered notes the header of the answer.
func (x *exchange) answered(res *http.Response) {
	x.q.FirstByte = time.Since(x.q.Start)
	x.q.Status = res.StatusCode
	x.q.ResponseContentType = res.Header.Get("Content-Type")
	x.q.Warnings = res.Header["Warning"]
}

// fail notes what broke; the first error counts.
func (x *exchange) fail(outcome traffic.Outcome, err error) (first bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if first = x.err == nil; first {
		x.outcome, x.err = outcome, err
	}
	return first
}

// complete ends the exchange: the API server's answer is whole.
func (x *exchange) complete() { x.finish(traffic.Complete, "") }

// end ends the exchange if nothing has: the handler is done, for a reason that it finds out.
func (x *exchange) end() {
	x.mu.Lock()
	outcome, err := x.outcome, x.err
	x.mu.Unlock()
	switch gone := x.ctx.Err() != nil; {
	case gone && x.closing.Err() != nil:
		x.finish(traffic.Unfinished, errClosing.Error())
	case gone && x.conn.aborted() != nil:
		x.finish(traffic.UpstreamAborted, reason(x.conn.aborted()))
	case gone:
		x.finish(traffic.ClientAborted, "")
	case err != nil:
		x.finish(outcome, reason(err))
	case x.q.Status == http.StatusSwitchingProtocols && x.stream.orderly():
		x.finish(traffic.Complete, "")
	default: // what came from the API server could not be written to the client
		x.finish(traffic.ClientAborted, "")
	}
	if x.stop != nil {
		x.stop()
	}
}

// finish reports the exchange, once.
func (x *exchange) finish(outcome traffic.Outcome, why string) {
	x.once.Do(func() {
		x.q.Outcome, x.q.Error = outcome, why
		x.q.Duration = time.Since(x.q.Start)
		x.q.BytesIn, x.q.BytesOut = x.in.Load(), x.out.Load()
		x.rec.Finish(&x.q)
	})
}

// untilClosing ends the request when the gateway closes.
func (x *exchange) untilClosing(closing context.Context, r *http.Request) *http.Request {
	ctx, cancel := context.WithCancelCause(r.Context())
	unhook := context.AfterFunc(closing, func() { cancel(context.Cause(closing)) })
	x.ctx, x.stop = ctx, func() { unhook(); cancel(nil) }
	return r.WithContext(ctx)
}

// reason is an error's text without a URL, whose query may hold what must not be kept.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}
