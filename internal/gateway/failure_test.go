package gateway

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// isBroken tells whether client-go takes an error for an API server that went away.
func isBroken(err error) bool {
	return err != nil && (utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err))
}

func TestUpstreamDownBreaksTheClientsConnectionAndBackUpWorksAgain(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		w := worldIn(t, mode, nil)
		c := w.client(proto)
		w.get(c, "/version")
		w.api.kill()
		for range 2 {
			res, err := c.Do(request(t, http.MethodPost, w.url("/x"), strings.NewReader("b")))
			if err == nil {
				res.Body.Close()
			}
			if !isBroken(err) {
				t.Errorf("while the API server is down: %v", err)
			}
		}
		w.api.start()
		if _, body := w.get(c, "/version"); string(body) != "ok" {
			t.Errorf("after it came back: %q", body)
		}
		all := w.rec.wait(t, 4)
		for _, q := range all[1:3] {
			// the first may have gone out on the connection that was just killed
			if q.Outcome != traffic.UpstreamUnreachable && q.Outcome != traffic.UpstreamAborted || q.Error == "" || q.Status != 0 {
				t.Errorf("recorded %v %q, status %d", q.Outcome, q.Error, q.Status)
			}
		}
		if q := all[2]; q.Outcome != traffic.UpstreamUnreachable || !strings.Contains(q.Error, "connection refused") {
			t.Errorf("recorded %v %q", q.Outcome, q.Error)
		}
	})
}

func TestUpstreamKilledInMidAnswerBreaksTheBody(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			io.WriteString(rw, "half")
			flush(rw)
			<-r.Context().Done()
		})
		res, err := w.client(proto).Do(request(t, http.MethodGet, w.url("/x"), nil))
		must(t, err)
		io.ReadFull(res.Body, make([]byte, 4))
		w.api.kill()
		if _, err := io.ReadAll(res.Body); !isBroken(err) {
			t.Errorf("the body's end: %v", err)
		}
		res.Body.Close()
		if q := w.rec.one(t, traffic.UpstreamAborted); q.Error == "" || q.Status != 200 || q.BytesOut != 4 {
			t.Errorf("recorded %q, status %d, %d bytes", q.Error, q.Status, q.BytesOut)
		}
	})
}

// All requests on one client connection break together; none of their clients has left by itself.
func TestUpstreamKilledIsRecordedForEachRequestOfTheConnection(t *testing.T) {
	const n = 20
	var arrived sync.WaitGroup
	arrived.Add(n)
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" {
			return
		}
		if r.URL.Query().Has("half") {
			io.WriteString(rw, "half")
			flush(rw)
		}
		arrived.Done()
		<-r.Context().Done()
	})
	c := w.client()
	w.get(c, "/version")
	var group sync.WaitGroup
	for i := range n {
		path := "/x"
		if i%2 == 0 {
			path = "/x?half"
		}
		r := request(t, http.MethodPost, w.url(path), strings.NewReader("b"))
		group.Go(func() {
			res, err := c.Do(r)
			if err == nil {
				_, err = io.ReadAll(res.Body)
				res.Body.Close()
			}
			if !isBroken(err) {
				t.Errorf("%s: %v", path, err)
			}
		})
	}
	arrived.Wait()
	w.api.kill()
	group.Wait()
	for _, q := range w.rec.wait(t, n+1)[1:] {
		if q.Outcome != traffic.UpstreamAborted || q.Error == "" {
			t.Errorf("recorded %v %q", q.Outcome, q.Error)
		}
	}
}

func TestStreamResetByUpstreamFailsOnlyItsRequest(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/late":
			io.WriteString(rw, "half")
			flush(rw)
			panic(http.ErrAbortHandler) // net/http resets the stream
		case "/early":
			panic(http.ErrAbortHandler)
		}
		io.WriteString(rw, "event\n")
		flush(rw)
		<-r.Context().Done()
	})
	c := w.client()
	watch, cancel := w.watch(c)
	for _, path := range []string{"/early", "/late"} {
		res, err := c.Do(request(t, http.MethodPost, w.url(path), strings.NewReader("b")))
		if err == nil {
			_, err = io.ReadAll(res.Body)
		}
		if err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	if _, err := io.ReadFull(watch.Body, make([]byte, 6)); err != nil {
		t.Errorf("the watch on the same connection: %v", err)
	}
	if n := len(w.rec.connections); n != 1 {
		t.Errorf("%d client connections, want 1", n)
	}
	for _, q := range w.rec.wait(t, 2) {
		if q.Outcome != traffic.UpstreamAborted || !strings.Contains(q.Error, "INTERNAL_ERROR") {
			t.Errorf("recorded %v %q", q.Outcome, q.Error)
		}
	}
	cancel()
	w.rec.wait(t, 3)
}

func TestUpstreamTLSErrorIsNamed(t *testing.T) {
	for name, tt := range map[string]struct {
		cert func(*apiServer) pair
		want string
	}{
		"unknown CA": {func(a *apiServer) pair { return newPKI(a.t, "other").server() }, "unknown authority"},
		"expired": {func(a *apiServer) pair {
			return a.ca.issue(func(c *x509.Certificate) {
				c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
				c.NotAfter = time.Now().Add(-time.Minute)
			})
		}, "expired"},
		"wrong name": {func(a *apiServer) pair {
			return a.ca.issue(func(c *x509.Certificate) { c.DNSNames = []string{"elsewhere"} })
		}, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			a := unstarted(t, nil)
			a.cert = tt.cert(a)
			a.start()
			w := setup{}.run(t, a)
			_, err := w.client().Do(request(t, http.MethodPost, w.url("/x"), nil))
			if !isBroken(err) {
				t.Errorf("client: %v", err)
			}
			if q := w.rec.one(t, traffic.UpstreamUnreachable); !strings.Contains(q.Error, tt.want) {
				t.Errorf("recorded %q, want %q in it", q.Error, tt.want)
			}
		})
	}
}

func TestClientLeavingInMidAnswer(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := rw.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		})
		ctx, cancel := context.WithCancel(context.Background())
		res, err := w.client(proto).Do(request(t, http.MethodGet, w.url("/x"), nil).WithContext(ctx))
		must(t, err)
		io.ReadFull(res.Body, make([]byte, 1<<20))
		cancel()
		res.Body.Close()
		w.rec.one(t, traffic.ClientAborted)
	})
}

// A client that breaks off while it sends is not the API server's fault, and takes no other request with it.
func TestClientLeavingInMidRequest(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		arrived := make(chan struct{})
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/version" {
				return
			}
			io.ReadFull(r.Body, make([]byte, 4))
			close(arrived)
			io.Copy(io.Discard, r.Body)
		})
		c := w.client(proto)
		w.get(c, "/version")
		ctx, cancel := context.WithCancel(context.Background())
		body, sender := io.Pipe()
		r := request(t, http.MethodPost, w.url("/x"), body).WithContext(ctx)
		done := make(chan error, 1)
		go func() { _, err := c.Do(r); done <- err }()
		io.WriteString(sender, "half")
		receive(t, "the half arrives", arrived)
		cancel()
		sender.CloseWithError(io.ErrClosedPipe)
		<-done
		w.get(c, "/version")
		var outcomes []traffic.Outcome
		for _, q := range w.rec.wait(t, 3) {
			if q.Path == "/x" && q.Outcome != traffic.ClientAborted {
				t.Errorf("recorded %v %q", q.Outcome, q.Error)
			}
			outcomes = append(outcomes, q.Outcome)
		}
		if n := len(w.rec.connections); w.rec.connections[0].Protocol == "h2" && n != 1 {
			t.Errorf("%d client connections, want 1; %v", n, outcomes)
		}
	})
}
