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
	source  io.Reader     // in's body

	// reading is held by the attempt that waits for the client. It is apart from mu, so that the next attempt can begin
	// while the one before, which nobody wants any more, still waits.
	reading sync.Mutex

	mu     sync.Mutex
	passed int // bytes so far
	kept   []byte
	over   bool  // more has passed than is kept
	err    error // that the client's side ended with
}

// replayable gives out a body that streams in's, and GetBody.
func replayable(x *exchange, in, out *http.Request) {
	if out.Body == nil || out.Body == http.NoBody {
		return
	}
	b := &replayBody{x: x, in: in, out: out, source: out.Body}
	x.body = b
	out.Body = &replayReader{body: b}
	out.GetBody = func() (io.ReadCloser, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.over {
			return nil, errTooLong
		}
		return &replayReader{body: b}, nil
	}
}

// release frees what is kept: once the API server has answered, nothing is sent again.
func (b *replayBody) release() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over, b.kept = true, nil
}

// replayReader is one attempt's reading of the body: what was kept, then what the client still sends.
type replayReader struct {
	body   *replayBody
	offset int
}

func (r *replayReader) Read(p []byte) (int, error) {
	b := r.body
	if n, err := r.again(p); n > 0 || err != nil {
		return n, err
	}
	b.reading.Lock()
	defer b.reading.Unlock()
	if n, err := r.again(p); n > 0 || err != nil { // another attempt has read on meanwhile
		return n, err
	}
	n, err := b.source.Read(p)
	b.x.in.Add(int64(n))
	b.mu.Lock()
	defer b.mu.Unlock()
	r.offset += n
	b.passed += n
	b.keep(p[:n])
	b.end(err)
	return n, err
}

// again reads what another attempt has read before; 0, nil if there is no more.
func (r *replayReader) again(p []byte) (int, error) {
	b := r.body
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.over && r.offset < b.passed: // what this attempt misses is gone
		return 0, errTooLong
	case b.over:
		return 0, b.err
	}
	n := copy(p, b.kept[r.offset:])
	r.offset += n
	if n == 0 && len(p) > 0 {
		return 0, b.err
	}
	return n, nil
}

func (b *replayBody) keep(p []byte) {
	if b.over = b.over || len(b.kept)+len(p) > maxReplay; b.over {
		b.kept = nil
		return
	}
	b.kept = append(b.kept, p...)
}

// end notes the end of the client's side.
func (b *replayBody) end(err error) {
	b.err = err
	switch {
	case err == io.EOF:
		for name := range b.out.Trailer { // of those announced; others are not sent by net/http either
			b.out.Trailer[name] = b.in.Trailer[name]
		}
	case err != nil:
		b.x.fail(traffic.ClientAborted, err)
	}
}

// Close leaves the source open: another attempt may go on with it, and the server closes it in the end.
func (r *replayReader) Close() error { return nil }
