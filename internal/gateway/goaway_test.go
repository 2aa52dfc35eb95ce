package gateway

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// kube-apiserver's --goaway-chance ends the connection of some answers; requests on their way must neither fail nor be
// done twice.
func TestGOAWAYFailsNoRequestAndRepeatsNone(t *testing.T) {
	const clients, each = 12, 800 / slow
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		n := each
		if mode == upstream.ModeProxyURL {
			n = each / 10
		}
		var mu sync.Mutex
		var count atomic.Int64
		bodies := map[string]int{}
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor == 2 && count.Add(1)%50 == 0 {
				rw.Header().Set("Connection", "close") // net/http makes it a GOAWAY
			}
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			bodies[string(body)]++
			mu.Unlock()
			rw.Write(body)
		})
		var group sync.WaitGroup
		for i := range clients {
			c := w.client()
			group.Go(func() {
				for j := range n {
					body := fmt.Sprintf("%d/%d %s", i, j, strings.Repeat("x", j*7))
					res, err := c.Post(w.url("/api/v1/namespaces/ns/configmaps"), "application/json", strings.NewReader(body))
					if err != nil {
						t.Error(err)
						continue
					}
					got, err := io.ReadAll(res.Body)
					res.Body.Close()
					if err != nil || string(got) != body {
						t.Errorf("%d bytes instead of %d, %v", len(got), len(body), err)
					}
				}
			})
		}
		group.Wait()
		for body, times := range bodies {
			if times != 1 {
				t.Errorf("%.20q arrived %d times", body, times)
			}
		}
		if len(bodies) != clients*n {
			t.Errorf("%d bodies arrived, want %d", len(bodies), clients*n)
		}
		for _, q := range w.rec.wait(t, clients*n) {
			if q.Outcome != traffic.Complete || q.BytesIn != q.BytesOut {
				t.Errorf("%v (%s), %d in, %d out", q.Outcome, q.Error, q.BytesIn, q.BytesOut)
			}
		}
	})
}

// A body above maxReplay cannot be sent again. The request fails, alone: the API server has not seen it, and the
// client's other requests go on.
func TestGOAWAYFailsOnlyTheRequestThatIsTooLongToRepeat(t *testing.T) {
	x := &exchange{}
	in, _ := http.NewRequest(http.MethodPost, "https://h/x", unsized(make([]byte, maxReplay+1)))
	out := in.Clone(t.Context())
	replayable(x, in, out)
	again, err := out.GetBody()
	must(t, err)
	if n, err := io.Copy(io.Discard, out.Body); err != nil || n != maxReplay+1 {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if _, err := out.GetBody(); err != errTooLong {
		t.Errorf("GetBody: %v, want %v", err, errTooLong)
	}
	if _, err := io.ReadAll(again); err == nil || err == io.EOF {
		t.Errorf("a reader that began before: %v, want an error", err)
	}
}

func TestLargeUploadsSurviveWithoutGOAWAY(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprint(rw, n)
	})
	if _, body := do(t, w.client(), request(t, http.MethodPost, w.url("/x"), bytes.NewReader(make([]byte, 4*maxReplay)))); string(body) != "12582912" {
		t.Errorf("arrived: %s", body)
	}
}

// The body is kept for as long as it may be sent again, that is until the API server answers.
func TestKeptBodyIsFreedWithTheAnswer(t *testing.T) {
	x := &exchange{}
	in, _ := http.NewRequest(http.MethodPost, "https://h/x", unsized([]byte("first second")))
	out := in.Clone(t.Context())
	replayable(x, in, out)
	io.ReadFull(out.Body, make([]byte, 6))
	x.body.release()
	if x.body.kept != nil {
		t.Error("still kept")
	}
	if rest, err := io.ReadAll(out.Body); err != nil || string(rest) != "second" {
		t.Errorf("the rest: %q, %v", rest, err)
	}
}

// The attempt that was given up may still wait for the client; the next one must not wait for it before it begins, and
// must get every byte.
func TestSecondAttemptReadsWhatTheFirstHasTaken(t *testing.T) {
	x := &exchange{}
	client, source := io.Pipe()
	in, _ := http.NewRequest(http.MethodPost, "https://h/x", client)
	out := in.Clone(t.Context())
	replayable(x, in, out)
	reading := make(chan struct{})
	go func() {
		b := make([]byte, 3)
		io.ReadFull(out.Body, b)
		close(reading)
		out.Body.Read(b) // waits, and takes the next bytes
	}()
	io.WriteString(source, "one")
	receive(t, "the first attempt reads", reading)
	second, err := out.GetBody()
	must(t, err)
	got := make(chan string)
	go func() { b, _ := io.ReadAll(second); got <- string(b) }()
	io.WriteString(source, "two")
	io.WriteString(source, "three")
	source.Close()
	if s := receive(t, "the second attempt ends", got); s != "onetwothree" {
		t.Errorf("the second attempt read %q", s)
	}
	if n := x.in.Load(); n != 11 {
		t.Errorf("%d bytes counted, want 11", n)
	}
}
