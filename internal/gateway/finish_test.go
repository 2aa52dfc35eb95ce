package gateway

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"e2etap/internal/traffic"
)

// While the recorder has not got the row, the client must not see the end of the answer: the row would be lost with the
// process, and the client would know better than the recording.
func TestClientSeesTheEndOnlyAfterTheRowIsRecorded(t *testing.T) {
	handle := func(rw http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		code, _ := strconv.Atoi(q.Get("code"))
		if q.Get("length") != "" {
			rw.Header().Set("Content-Length", q.Get("length"))
		}
		if q.Get("trailer") != "" {
			rw.Header().Set("Trailer", "T")
		}
		rw.WriteHeader(code)
		if q.Get("flush") != "" {
			flush(rw)
		}
		io.WriteString(rw, strings.ReplaceAll(q.Get("body"), "big", strings.Repeat("x", 1<<16))) // more than net/http holds back
	}
	for _, proto := range []string{"h1", "h2"} {
		for _, what := range []string{
			"GET code=200&length=4&body=body", "GET code=200&body=body", "GET code=200&length=65536&body=big",
			"GET code=200&flush=1&body=body", "GET code=200&flush=1",
			"GET code=200&length=0", "GET code=204", "GET code=304", "GET code=304&length=9", "HEAD code=200&length=9",
			"HEAD code=200", "HEAD code=200&flush=1", "GET code=200&trailer=1&body=body", "GET code=200&trailer=1&flush=1",
			"POST code=201&flush=1&body=body", "GET code=204&flush=1", "GET code=304&flush=1", "HEAD code=404&flush=1",
		} {
			if proto == "h2" && strings.Contains(what, "304&length") {
				continue // x/net's client cannot read it, directly either
			}
			t.Run(proto+" "+what, func(t *testing.T) {
				method, query, _ := strings.Cut(what, " ")
				change := func(*rest.Config) {}
				if proto == "h1" {
					change = h1
				}
				checkFinishFirst(t, handle, method, "/x?"+query, change)
			})
		}
	}
}

func checkFinishFirst(t *testing.T, handle http.HandlerFunc, method, path string, proto func(*rest.Config)) {
	w := newWorld(t, handle)
	blocked, release := make(chan struct{}), make(chan struct{})
	w.rec.before = func(*traffic.Request) { close(blocked); <-release }
	ended := make(chan error, 1)
	r := request(t, method, w.url(path), nil)
	c := w.client(proto)
	go func() {
		res, err := c.Do(r)
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		ended <- err
	}()
	receive(t, "the recorder is asked", blocked)
	select {
	case err := <-ended:
		t.Errorf("the client saw the end before the row was recorded (%v)", err)
		close(release)
	case <-time.After(30 * time.Millisecond): // long enough for a client on loopback that has everything
		close(release)
		if err := receive(t, "the client sees the end", ended); err != nil {
			t.Error(err)
		}
	}
	w.rec.one(t, traffic.Complete)
}

// The same for what breaks: the client must not see the break before the row is recorded.
func TestClientSeesABreakOnlyAfterTheRowIsRecorded(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"before the header": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"in the body": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "9")
			io.WriteString(rw, "half")
			flush(rw)
			panic(http.ErrAbortHandler)
		},
	} {
		for proto, change := range map[string]func(*rest.Config){"h1": h1, "h2": func(*rest.Config) {}} {
			t.Run(name+" "+proto, func(t *testing.T) {
				w := newWorld(t, handle)
				blocked, release := make(chan struct{}), make(chan struct{})
				w.rec.before = func(*traffic.Request) { close(blocked); <-release }
				ended := make(chan error, 1)
				r := request(t, http.MethodPost, w.url("/x"), strings.NewReader("b"))
				c := w.client(change)
				go func() {
					res, err := c.Do(r)
					if err == nil {
						_, err = io.Copy(io.Discard, res.Body)
						res.Body.Close()
					}
					ended <- err
				}()
				receive(t, "the recorder is asked", blocked)
				select {
				case err := <-ended:
					t.Errorf("the client saw the break before the row was recorded (%v)", err)
					close(release)
				case <-time.After(30 * time.Millisecond):
					close(release)
					if err := receive(t, "the client sees the break", ended); err == nil {
						t.Error("the client saw no break")
					}
				}
				w.rec.one(t, traffic.UpstreamAborted)
			})
		}
	}
}

// A pipelined client may send its next request before it has read an answer: each has a row of its own.
func TestPipelinedRequestsAreEachRecorded(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dialTLS()
	head := " HTTP/1.1\r\nHost: " + w.host() + "\r\nAuthorization: " + w.bearer() + "\r\n\r\n"
	_, err := io.WriteString(c, "GET /a"+head+"GET /b"+head)
	must(t, err)
	answers := bufio.NewReader(c)
	for range 2 {
		res, err := http.ReadResponse(answers, nil)
		must(t, err)
		io.Copy(io.Discard, res.Body)
	}
	if all := w.rec.wait(t, 2); all[0].Path != "/a" || all[1].Path != "/b" {
		t.Errorf("%q, %q", all[0].Path, all[1].Path)
	}
}
