package gateway

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// prompt is how long Run may take to return. Half of it is what HTTP/2 gives clients to see a GOAWAY.
const prompt = 2500 * time.Millisecond

func TestEndOfTheGatewayEndsWatches(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		gone := make(chan struct{}, 1)
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			io.WriteString(rw, "event\n")
			flush(rw)
			<-r.Context().Done()
			gone <- struct{}{}
		})
		res, _ := w.watch(w.client(proto))
		io.ReadFull(res.Body, make([]byte, 6))
		if took := w.stop(); took > prompt {
			t.Errorf("Run returned after %v", took)
		}
		receive(t, "the watch ends upstream", gone)
		io.ReadAll(res.Body)
		if q := w.rec.one(t, traffic.Unfinished); q.Error == "" || q.BytesOut != 6 {
			t.Errorf("recorded %q, %d bytes", q.Error, q.BytesOut)
		}
	})
}

func TestEndOfTheGatewayWaitsForShortRequests(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		arrived, release := make(chan struct{}), make(chan struct{})
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-release
			io.WriteString(rw, "whole")
		})
		c := w.client(proto)
		body := make(chan string, 1)
		r := request(t, http.MethodGet, w.url("/x"), nil)
		go func() {
			res, err := c.Do(r)
			if err != nil {
				body <- err.Error()
				return
			}
			b, _ := io.ReadAll(res.Body)
			body <- string(b)
		}()
		receive(t, "the request arrives", arrived)
		w.cancel()
		eventually(t, "the gateway is closing", func() bool { return w.gw.closing.Err() != nil })
		close(release)
		if got := receive(t, "the answer", body); got != "whole" {
			t.Errorf("got %q", got)
		}
		w.stop()
		w.rec.one(t, traffic.Complete)
	})
}

// A request that outlasts the grace is broken off by the gateway, not by its client.
func TestEndOfTheGatewayBreaksOffWhatTakesTooLong(t *testing.T) {
	arrived := make(chan struct{})
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	c := w.client()
	r := request(t, http.MethodGet, w.url("/x"), nil)
	failed := make(chan error, 1)
	go func() { _, err := c.Do(r); failed <- err }()
	receive(t, "the request arrives", arrived)
	if took := w.stop(); took < grace || took > grace+prompt {
		t.Errorf("Run returned after %v, want %v", took, grace)
	}
	if receive(t, "the client sees the break", failed) == nil {
		t.Error("no error")
	}
	w.rec.one(t, traffic.Unfinished)
}

// Connections that bring nothing do not hold the end up.
func TestEndOfTheGatewayDoesNotWaitForSilentConnections(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		w := worldIn(t, mode, nil)
		for range 3 {
			c, err := net.Dial("tcp", w.host())
			must(t, err)
			defer c.Close()
		}
		w.get(w.client(h1), "/version") // the connections before it have been accepted
		if took := w.stop(); took > prompt {
			t.Errorf("Run returned after %v", took)
		}
	})
}

func TestCloseWithoutRunFreesThePort(t *testing.T) {
	w := newWorld(t, nil)
	g, err := New(Config{Upstream: w.gw.upstream, Mode: upstream.ModeServer, Listen: "127.0.0.1:0"})
	must(t, err)
	must(t, g.Close())
	l, err := net.Listen("tcp", g.doors[0].Addr().String())
	must(t, err)
	l.Close()
}

func TestListenAddressErrorsNameIt(t *testing.T) {
	w := newWorld(t, nil)
	for _, address := range []string{w.host(), "nonsense", "256.0.0.1:0"} {
		_, err := New(Config{Upstream: w.gw.upstream, Mode: upstream.ModeServer, Listen: address})
		if err == nil {
			t.Errorf("%q: no error", address)
		}
	}
}
