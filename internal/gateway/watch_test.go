package gateway

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

const watchPath = "/api/v1/namespaces/ns/pods?watch=true"

// onEachWay runs a test for HTTP/1.1 and HTTP/2 clients in both modes.
func onEachWay(t *testing.T, f func(*testing.T, upstream.Mode, func(*rest.Config))) {
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		t.Run("h1", func(t *testing.T) { f(t, mode, h1) })
		t.Run("h2", func(t *testing.T) { f(t, mode, func(*rest.Config) {}) })
	})
}

// watch opens a watch and returns its answer; the test ends it with cancel.
func (w *world) watch(c *http.Client) (*http.Response, context.CancelFunc) {
	w.t.Helper()
	r := request(w.t, http.MethodGet, w.url(watchPath), nil)
	ctx, cancel := context.WithCancel(r.Context())
	w.t.Cleanup(cancel)
	res, err := c.Do(r.WithContext(ctx))
	must(w.t, err)
	w.t.Cleanup(func() { res.Body.Close() })
	return res, cancel
}

// The API server writes each event only after the client has had the one before: a proxy that holds one back hangs.
func TestWatchEventIsNotDelayed(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		const events = 9
		acks := make(chan struct{})
		written := make(chan time.Time, events)
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			for i := range events {
				written <- time.Now()
				fmt.Fprintf(rw, "{\"type\":\"ADDED\",\"n\":%d}\n", i)
				flush(rw)
				select {
				case <-acks:
				case <-r.Context().Done():
					return
				}
			}
		})
		res, _ := w.watch(w.client(proto))
		lines := bufio.NewReader(res.Body)
		var delays []time.Duration
		for range events {
			if _, err := lines.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			delays = append(delays, time.Since(<-written))
			acks <- struct{}{}
		}
		if _, err := lines.ReadString('\n'); err != io.EOF {
			t.Errorf("at the watch's end: %v, want EOF", err)
		}
		slices.Sort(delays)
		if median := delays[len(delays)/2]; median > 50*time.Millisecond {
			t.Errorf("median delay %v, want at most 50ms", median)
		}
		w.rec.one(t, traffic.Complete)
	})
}

func TestQuietWatchIsCancelledUpstreamWhenTheClientLeaves(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		gone := make(chan time.Time, 1)
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			flush(rw)
			<-r.Context().Done()
			gone <- time.Now()
		})
		_, cancel := w.watch(w.client(proto))
		left := time.Now()
		cancel()
		if took := receive(t, "the watch ends upstream", gone).Sub(left); took > time.Second {
			t.Errorf("cancelled upstream after %v, want 1s", took)
		}
		w.rec.one(t, traffic.ClientAborted)
	})
}

// An API server that has not even answered must learn, too, that its client has left.
func TestUnansweredRequestIsCancelledUpstreamWhenTheClientLeaves(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		arrived, gone := make(chan struct{}), make(chan struct{})
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-r.Context().Done()
			close(gone)
		})
		ctx, cancel := context.WithCancel(context.Background())
		r := request(t, http.MethodGet, w.url("/version"), nil).WithContext(ctx)
		done := make(chan error, 1)
		go func() { _, err := w.client(proto).Do(r); done <- err }()
		receive(t, "the request arrives", arrived)
		cancel()
		receive(t, "the request ends upstream", gone)
		if <-done == nil {
			t.Error("the cancelled request got an answer")
		}
		w.rec.one(t, traffic.ClientAborted)
	})
}

func TestManyWatchesShareOneClientConnection(t *testing.T) {
	const watches = 300
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") == "" {
			io.WriteString(rw, "ok")
			return
		}
		io.WriteString(rw, "event\n")
		flush(rw)
		<-r.Context().Done()
	})
	c := w.client()
	w.get(c, "/version") // else the client dials more than once at first
	var group sync.WaitGroup
	var cancels [watches]context.CancelFunc
	for i := range watches {
		group.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			cancels[i] = cancel
			r, _ := http.NewRequestWithContext(ctx, http.MethodGet, w.url(watchPath), nil)
			res, err := c.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := io.ReadFull(res.Body, make([]byte, len("event\n"))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	for range 20 {
		if _, body := w.get(c, "/version"); string(body) != "ok" {
			t.Errorf("beside the watches: %q", body)
		}
	}
	if n := len(w.rec.begun()); n != watches {
		t.Errorf("%d rows for %d open watches", n, watches)
	}
	if n := len(w.rec.connections); n != 1 {
		t.Errorf("%d client connections, want 1", n)
	}
	for _, cancel := range cancels {
		cancel()
	}
	w.rec.wait(t, watches+21)
}
