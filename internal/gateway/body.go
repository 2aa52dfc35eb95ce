package gateway

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"e2etap/internal/traffic"
)

// answerBody counts an answer's bytes and reports the exchange before the reader gets the last of them.
type answerBody struct {
	io.ReadCloser
	x      *exchange
	left   int64 // bytes until the end, by Content-Length; negative if unknown
	shared bool  // over HTTP/2 on both sides
}

// answer wraps an answer's body. One that has none is over now: the client sees its end with the header.
func (x *exchange) answer(res *http.Response, clientProto int) {
	if x.q.Method == http.MethodHead || res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusNotModified {
		x.complete()
		res.Body.Close()
		res.Body = http.NoBody // net/http would miss the bytes of a 304's Content-Length
		return
	}
	if res.ContentLength == 0 || res.Body == http.NoBody {
		x.complete()
		return
	}
	res.Body = &answerBody{res.Body, x, res.ContentLength, clientProto == 2 && res.ProtoMajor == 2}
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.x.out.Add(int64(n))
	if b.left > 0 {
		if b.left -= int64(n); b.left == 0 {
			b.x.complete()
			return n, err
		}
	}
	switch {
	case err == io.EOF:
		b.x.complete()
	case err != nil:
		b.x.fail(traffic.UpstreamAborted, err)
		if b.shared && b.x.ctx.Err() == nil && !isStream(err) {
			// every answer on this connection breaks off; client-go takes it for an API server that went away,
			// which it does not where single streams are reset
			b.x.end()
			b.x.conn.abort(err)
		}
	}
	return n, err
}

// streamBody is the API server's side of an upgraded connection. It counts the bytes, which go both ways at once, and
// notes which side ended first.
type streamBody struct {
	io.ReadWriteCloser
	x *exchange
}

// upgraded is what is known of an upgraded connection's end.
type upgraded struct{ clientEnded, serverEnded atomic.Bool }

// orderly tells whether one side has closed it; else it broke.
func (u *upgraded) orderly() bool { return u.clientEnded.Load() || u.serverEnded.Load() }

func (b *streamBody) Read(p []byte) (int, error) {
	n, err := b.ReadWriteCloser.Read(p)
	b.x.out.Add(int64(n))
	switch {
	case err == io.EOF:
		b.x.stream.serverEnded.Store(true)
	case err != nil && !errors.Is(err, net.ErrClosed) && !b.x.stream.orderly(): // closed by us, or of no interest any more
		b.x.fail(traffic.UpstreamAborted, err)
	}
	return n, err
}

func (b *streamBody) Write(p []byte) (int, error) {
	n, err := b.ReadWriteCloser.Write(p)
	b.x.in.Add(int64(n))
	if err != nil && !errors.Is(err, net.ErrClosed) && !b.x.stream.orderly() {
		b.x.fail(traffic.UpstreamAborted, err)
	}
	return n, err
}

// Close ends both directions. ReverseProxy calls it when the request is over, but goes on waiting for a client that has not closed
// its side if the API server has.
func (b *streamBody) Close() error {
	b.x.conn.SetReadDeadline(time.Unix(1, 0)) // what is still to be written, the end of TLS, goes out
	return b.ReadWriteCloser.Close()
}

// CloseWrite passes a half-close on: the other direction goes on.
func (b *streamBody) CloseWrite() error {
	b.x.stream.clientEnded.Store(true)
	if c, ok := b.ReadWriteCloser.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}
