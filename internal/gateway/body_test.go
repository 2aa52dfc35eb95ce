package gateway

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// noise is a body that no compression or text handling leaves as it is by chance.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func zip(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// unsized hides a reader's type, so that net/http cannot know the length.
func unsized(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b)) }

func TestBodiesPassUnchanged(t *testing.T) {
	pod := noise(2000)
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) { // an echo
			for _, name := range []string{"Content-Type", "Content-Encoding"} {
				rw.Header()[name] = r.Header[name]
			}
			body, _ := io.ReadAll(r.Body)
			if r.ContentLength >= 0 {
				rw.Header().Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
			}
			rw.Write(body)
		})
		c := w.client(proto)
		for i, tt := range []struct {
			name, contentType, encoding string
			body                        []byte
			chunked                     bool
		}{
			{"protobuf", "application/vnd.kubernetes.protobuf", "", append([]byte("k8s\x00"), pod...), false},
			{"CBOR", "application/cbor", "", append([]byte{0xd9, 0xd9, 0xf7}, pod...), true},
			{"gzip", "application/json", "gzip", zip(bytes.Repeat([]byte("pod"), 9000)), false},
			{"gzip chunked", "application/json", "gzip", zip(pod), true},
			{"empty", "application/json", "", nil, false},
			{"empty chunked", "application/json", "", nil, true},
			{"large", "application/octet-stream", "", bytes.Repeat(pod, 5200), false}, // 10 MiB
		} {
			var body io.Reader = bytes.NewReader(tt.body)
			if tt.chunked {
				body = unsized(tt.body)
			}
			r := request(t, http.MethodPost, w.url("/api/v1/pods"), body)
			r.Header.Set("Content-Type", tt.contentType)
			if tt.encoding != "" {
				r.Header.Set("Content-Encoding", tt.encoding)
				r.Header.Set("Accept-Encoding", tt.encoding)
			}
			res, got := do(t, c, r)
			if sha256.Sum256(got) != sha256.Sum256(tt.body) || res.Header.Get("Content-Encoding") != tt.encoding {
				t.Errorf("%s: %d bytes in, %d out, encoding %q", tt.name, len(tt.body), len(got), res.Header.Get("Content-Encoding"))
			}
			q := w.rec.wait(t, i+1)[i]
			if n := int64(len(tt.body)); q.BytesIn != n || q.BytesOut != n || q.Outcome != traffic.Complete {
				t.Errorf("%s: recorded %d in, %d out, %v; want %d, complete", tt.name, q.BytesIn, q.BytesOut, q.Outcome, n)
			}
		}
	})
}

func TestAnswersWithoutBody(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			code, _ := strconv.Atoi(r.URL.Query().Get("code"))
			if r.URL.Query().Get("length") != "" {
				rw.Header().Set("Content-Length", r.URL.Query().Get("length"))
			}
			rw.Header().Set("Etag", `"e"`)
			rw.WriteHeader(code)
		})
		through, direct := w.client(proto), w.direct(proto)
		for i, tt := range []struct{ method, query string }{
			{"HEAD", "code=200&length=12345"}, {"HEAD", "code=200"}, {"HEAD", "code=404"}, {"GET", "code=204"},
			{"GET", "code=304"}, {"GET", "code=200&length=0"}, {"GET", "code=500"}, {"DELETE", "code=200"},
		} {
			want, _ := do(t, direct, request(t, tt.method, w.api.url()+"/x?"+tt.query, nil))
			got, _ := do(t, through, request(t, tt.method, w.url("/x?"+tt.query), nil))
			want.Header.Del("Date")
			got.Header.Del("Date")
			if d := cmp.Diff(want.Header, got.Header); d != "" || want.StatusCode != got.StatusCode {
				t.Errorf("%s %s: %s (-direct +through):\n%s", tt.method, tt.query, got.Status, d)
			}
			if q := w.rec.wait(t, i+1)[i]; q.Outcome != traffic.Complete || q.Status != want.StatusCode {
				t.Errorf("%s %s: recorded %v, %d", tt.method, tt.query, q.Outcome, q.Status)
			}
		}
	})
}

func TestTrailersPassBothWays(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		trailers := make(chan http.Header, 1)
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			trailers <- r.Trailer.Clone()
			rw.Header().Set("Trailer", "Announced")
			io.WriteString(rw, "body")
			rw.Header().Set("Announced", "a")
			rw.Header().Set(http.TrailerPrefix+"Late", "b")
		})
		r := request(t, http.MethodPost, w.url("/x"), unsized([]byte("body")))
		r.Trailer = http.Header{"Sum": {"1"}}
		res, _ := do(t, w.client(proto), r)
		if d := cmp.Diff(http.Header{"Sum": {"1"}}, receive(t, "trailers", trailers)); d != "" {
			t.Errorf("request's (-want +got):\n%s", d)
		}
		if d := cmp.Diff(http.Header{"Announced": {"a"}, "Late": {"b"}}, res.Trailer); d != "" {
			t.Errorf("answer's (-want +got):\n%s", d)
		}
	})
}

// net/http takes trailers that nothing has announced, and a nil map for them.
func TestUnannouncedTrailerDoesNoHarm(t *testing.T) {
	w := newWorld(t, nil)
	res := w.raw(w.dialTLS(), "POST /x HTTP/1.1\r\nHost: "+w.host()+"\r\nAuthorization: "+w.bearer()+
		"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nSum: 1\r\n\r\n")
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != "ok" {
		t.Errorf("%q, %v", body, err)
	}
	w.rec.one(t, traffic.Complete)
}

// A client that expects 100 gets it, though not from the API server: client-go's transports read the body at once.
func TestExpectContinue(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "refused") {
				rw.WriteHeader(http.StatusExpectationFailed)
				return
			}
			body, _ := io.ReadAll(r.Body)
			rw.Write(body)
		})
		c := w.client(proto)
		for path, want := range map[string]int{"/wanted": 200, "/refused": 417} {
			r := request(t, http.MethodPost, w.url(path), strings.NewReader("body"))
			r.Header.Set("Expect", "100-continue")
			if res, _ := do(t, c, r); res.StatusCode != want {
				t.Errorf("%s: %s, want %d", path, res.Status, want)
			}
		}
		w.rec.wait(t, 2)
	})
}

func TestInformationalAnswersPass(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Link", "</x>")
		rw.WriteHeader(http.StatusEarlyHints)
		rw.Header().Del("Link")
		io.WriteString(rw, "ok")
	})
	c := w.dialTLS()
	res := w.raw(c, "GET /x HTTP/1.1\r\nHost: "+w.host()+"\r\nAuthorization: "+w.bearer()+"\r\n\r\n")
	if res.StatusCode != http.StatusEarlyHints || res.Header.Get("Link") != "</x>" {
		t.Errorf("first answer %s %v, want 103", res.Status, res.Header)
	}
	if q := w.rec.one(t, traffic.Complete); q.Status != 200 {
		t.Errorf("recorded status %d", q.Status)
	}
}

// Both directions of one request at once, each waiting for the other (kubectl cp's tar over a proxy subresource).
func TestRequestAndAnswerBodyStreamAtOnce(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			http.NewResponseController(rw).EnableFullDuplex()
			flush(rw)
			b := make([]byte, 4)
			for {
				if _, err := io.ReadFull(r.Body, b); err != nil {
					return
				}
				rw.Write(b)
				flush(rw)
			}
		})
		in, out := io.Pipe()
		r := request(t, http.MethodPost, w.url("/x"), in)
		res, err := w.client(proto).Do(r)
		must(t, err)
		for i := range 20 {
			fmt.Fprintf(out, "%04d", i)
			b := make([]byte, 4)
			if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != fmt.Sprintf("%04d", i) {
				t.Fatalf("%q, %v", b, err)
			}
		}
		out.Close()
		if rest, err := io.ReadAll(res.Body); err != nil || len(rest) > 0 {
			t.Errorf("at the end: %q, %v", rest, err)
		}
		if q := w.rec.one(t, traffic.Complete); q.BytesIn != 80 || q.BytesOut != 80 {
			t.Errorf("%d in, %d out", q.BytesIn, q.BytesOut)
		}
	})
}

// Bodies stream: however long they are, only what may be sent again is kept.
func TestLongBodiesTakeBoundedMemory(t *testing.T) {
	const length = 96 << 20 // several times what windows and buffers hold
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.CopyN(rw, zeros{}, length)
	})
	var peak atomic.Uint64
	w.api.handle = sampled(w.api.handle, &peak)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	res, err := w.client().Do(request(t, http.MethodPost, w.url("/x"), io.LimitReader(zeros{}, length)))
	must(t, err)
	n, err := io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if n != length || err != nil {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if grown := int64(peak.Load()) - int64(before.HeapAlloc); grown > length/2 {
		t.Errorf("the heap grew by %d MiB for %d MiB each way", grown>>20, length>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// sampled notes the largest heap while a request's body is read and after.
func sampled(next http.HandlerFunc, peak *atomic.Uint64) http.HandlerFunc {
	look := func() {
		runtime.GC() // what is left is held by somebody
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		peak.Store(max(peak.Load(), now.HeapAlloc))
	}
	return func(rw http.ResponseWriter, r *http.Request) {
		b := make([]byte, 4<<20)
		for {
			_, err := io.ReadFull(r.Body, b)
			look()
			if err != nil {
				break
			}
		}
		next(rw, r)
		look()
	}
}
