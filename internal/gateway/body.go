package gateway

import (
	"errors"
	"io"
	"net/http"
	"sync"

	"e2etap/internal/traffic"
)

// maxReplay bounds what is kept of a request's body: the largest that kube-apiserver accepts
// (k8s.io/apiserver/pkg/server, MaxRequestBodyBytes).
const maxReplay = 3 << 20

var errTooLong = errors.New("the request body is too long to be sent again")

// replayBody streams a request body and keeps what has passed, so that the transport can send it again where HTTP/2
// says that it may: after a GOAWAY, kube-apiserver's --goaway-chance, a new connection takes the request.
type replayBody struct {
	x       *exchange
	in, out *http.Request // for the trailers, which follow the body

	mu   sync.Mutex
	kept []byte
	over bool  // more has passed than is kept
	err  error // that the client's side ended with
}

// replayable gives out a body that streams in's, and GetBody.
func replayable(x *exchange, in, out *http.Request) {
	if out.Body == nil || out.Body == http.NoBody {
		return
	}
	b := &replayBody{x: x, in: in, out: out}
	source := out.Body // in's, safe to close
	out.Body = &replayReader{body: b, source: source}
	out.GetBody = func() (io.ReadCloser, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.over {
			return nil, errTooLong
		}
		return &replayReader{body: b, source: source}, nil
	}
}

// replayReader is one attempt's reading of the body: what was kept, then what the client still sends.
type replayReader struct {
	body   *replayBody
	source io.ReadCloser
	offset int
}

func (r *replayReader) Read(p []byte) (int, error) {
	b := r.body
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over && r.offset < len(b.kept) {
		n := copy(p, b.kept[r.offset:])
		r.offset += n
		return n, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := r.source.Read(p)
	b.keep(p[:n])
	r.offset += n
	b.x.in.Add(int64(n))
	if b.err = err; err == io.EOF {
		for name, values := range b.in.Trailer {
			b.out.Trailer[name] = values
		}
	}
	return n, err
}

func (b *replayBody) keep(p []byte) {
	if b.over = b.over || len(b.kept)+len(p) > maxReplay; b.over {
		b.kept = nil
		return
	}
	b.kept = append(b.kept, p...)
}

// Close leaves the source open: another attempt may go on with it, and the server closes it in the end.
func (r *replayReader) Close() error { return nil }

// answerBody counts an answer's bytes and reports the exchange before the reader gets the last of them.
type answerBody struct {
	io.ReadCloser
	x    *exchange
	left int64 // bytes until the end, by Content-Length; negative if unknown
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
	}
	return n, err
}

// streamBody counts the bytes of an upgraded connection, which go both ways at once.
type streamBody struct {
	io.ReadWriteCloser
	x *exchange
}

func (b *streamBody) Read(p []byte) (int, error) {
	n, err := b.ReadWriteCloser.Read(p)
	b.x.out.Add(int64(n))
	if err != nil && err != io.EOF {
		b.x.fail(traffic.UpstreamAborted, err)
	}
	return n, err
}

func (b *streamBody) Write(p []byte) (int, error) {
	n, err := b.ReadWriteCloser.Write(p)
	b.x.in.Add(int64(n))
	return n, err
}

// CloseWrite passes a half-close on: the other direction goes on.
func (b *streamBody) CloseWrite() error {
	return b.ReadWriteCloser.(interface{ CloseWrite() error }).CloseWrite()
}
