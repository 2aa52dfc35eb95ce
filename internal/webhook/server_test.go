package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// running is a server that runs, and a client for it.
type running struct {
	url    string
	client *http.Client
	cancel context.CancelFunc
	done   chan error
}

func serve(t *testing.T, h *Handler) *running {
	t.Helper()
	pki := httptest.NewUnstartedServer(nil) // for its certificate and its client
	pki.StartTLS()
	t.Cleanup(pki.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{url: "https://" + l.Addr().String(), client: pki.Client(), cancel: cancel, done: make(chan error, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.done <- NewServer(l, &tls.Config{Certificates: pki.TLS.Certificates}, h).Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return r
}

func (r *running) post(body io.Reader) (int, error) {
	q, err := http.NewRequest(http.MethodPost, r.url, body)
	if err != nil {
		return 0, err
	}
	q.Header.Set("Authorization", "Bearer "+token)
	res, err := r.client.Do(q)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

func TestABatchThatIsBeingKeptIsAnsweredAtTheEnd(t *testing.T) {
	began, goOn := make(chan struct{}), make(chan struct{})
	h := NewHandler(Config{Token: token, Append: func([]byte) error { close(began); <-goOn; return nil }, Failed: func(err error) { t.Error(err) }})
	r := serve(t, h)
	answer := make(chan error, 1)
	go func() {
		status, err := r.post(strings.NewReader(list(`{"auditID":"a"}`)))
		if status != http.StatusOK {
			err = errors.Join(err, errors.New(http.StatusText(status)))
		}
		answer <- err
	}()
	<-began
	r.cancel()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) { // until it has begun to end
		c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "https://"))
		if err != nil {
			break
		}
		c.Close()
		if time.Now().After(deadline) {
			t.Fatal("it still accepts connections")
		}
	}
	select {
	case err := <-r.done:
		t.Fatalf("it ended before its batch did: %v", err)
	default:
	}
	close(goOn)
	check(t, <-answer)
	check(t, <-r.done)
}

func TestConnectionsThatBringNothingDoNotHoldTheEndUp(t *testing.T) {
	r := serve(t, NewHandler(Config{Token: token}))
	status, err := r.post(strings.NewReader("")) // so that it is there, and has an idle connection
	if err != nil || status != http.StatusBadRequest {
		t.Fatalf("%d, %v", status, err)
	}
	c, err := tls.Dial("tcp", strings.TrimPrefix(r.url, "https://"), &tls.Config{InsecureSkipVerify: true})
	check(t, err)
	defer c.Close()
	began := time.Now()
	r.cancel()
	check(t, <-r.done)
	if took := time.Since(began); took >= grace {
		t.Errorf("it took %v to end", took)
	}
}

func TestAServerThatCannotAcceptFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	check(t, l.Close())
	pki := httptest.NewTLSServer(nil)
	defer pki.Close()
	if err := NewServer(l, &tls.Config{Certificates: pki.TLS.Certificates}, NewHandler(Config{})).Run(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v, want that the listener is closed", err)
	}
}
