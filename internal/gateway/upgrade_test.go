package gateway

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
	"k8s.io/streaming/pkg/httpstream/wsstream"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

const (
	execPath = "/api/v1/namespaces/ns/pods/p/exec?command=cat&stdin=true&stdout=true"
	bulk     = 5 << 20
)

// serveExec answers exec as a kubelet does, with an echo that ends when its input does.
func serveExec(rw http.ResponseWriter, r *http.Request) {
	if wsstream.IsWebSocketRequest(r) {
		serveExecWebSocket(rw, r)
		return
	}
	if _, err := httpstream.Handshake(r, rw, []string{"v4.channel.k8s.io"}); err != nil {
		return
	}
	streams := make(chan httpstream.Stream, 3)
	conn := spdy.NewResponseUpgrader().UpgradeResponse(rw, r, func(s httpstream.Stream, replied <-chan struct{}) error {
		streams <- s
		return nil
	})
	if conn == nil {
		return
	}
	defer conn.Close()
	byType := map[string]httpstream.Stream{}
	for len(byType) < 3 {
		s := <-streams
		byType[s.Headers().Get("streamType")] = s
	}
	io.Copy(byType["stdout"], byType["stdin"])
	io.WriteString(byType["stdout"], "after EOF")
	byType["stdout"].Close()
	io.WriteString(byType["error"], `{"status":"Success"}`)
	byType["error"].Close()
	byType["stdin"].Close()
	<-conn.CloseChan()
}

func serveExecWebSocket(rw http.ResponseWriter, r *http.Request) {
	conn := wsstream.NewConn(map[string]wsstream.ChannelProtocolConfig{"v5.channel.k8s.io": {
		Binary:   true,
		Channels: []wsstream.ChannelType{wsstream.ReadChannel, wsstream.WriteChannel, wsstream.IgnoreChannel, wsstream.WriteChannel},
	}})
	_, streams, err := conn.Open(rw, r)
	if err != nil {
		return
	}
	defer conn.Close()
	io.Copy(streams[1], streams[0])
	io.WriteString(streams[1], "after EOF")
	io.WriteString(streams[3], `{"status":"Success"}`)
}

func executor(t *testing.T, kind string, cfg *rest.Config, url string) remotecommand.Executor {
	t.Helper()
	var e remotecommand.Executor
	var err error
	if kind == "websocket" {
		e, err = remotecommand.NewWebSocketExecutor(cfg, http.MethodGet, url)
	} else {
		u := request(t, http.MethodPost, url, nil).URL
		e, err = remotecommand.NewSPDYExecutor(cfg, http.MethodPost, u)
	}
	must(t, err)
	return e
}

func TestExecThroughClientGo(t *testing.T) {
	for _, kind := range []string{"spdy", "websocket"} {
		t.Run(kind, func(t *testing.T) {
			inBothModes(t, func(t *testing.T, mode upstream.Mode) {
				w := worldIn(t, mode, serveExec)
				e := executor(t, kind, config(t, w.rendered), w.url(execPath))
				data, out := noise(bulk), &bytes.Buffer{}
				ctx, cancel := context.WithTimeout(context.Background(), hang)
				defer cancel()
				err := e.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: bytes.NewReader(data), Stdout: out})
				must(t, err)
				if want := append(data, "after EOF"...); !bytes.Equal(out.Bytes(), want) {
					t.Errorf("%d bytes came back, want %d", out.Len(), len(want))
				}
				q := w.rec.one(t, traffic.Complete)
				if q.Status != 101 || q.BytesIn < bulk || q.BytesOut < bulk || q.API.Subresource != "exec" {
					t.Errorf("status %d, %d bytes in, %d out, %+v", q.Status, q.BytesIn, q.BytesOut, q.API)
				}
			})
		})
	}
}

// upgrade sends a raw upgrade request and returns the connection and the answer.
func (w *world) upgrade(c net.Conn, path string) (*bufio.Reader, *http.Response) {
	w.t.Helper()
	_, err := io.WriteString(c, "POST "+path+" HTTP/1.1\r\nHost: "+w.host()+"\r\nAuthorization: "+w.bearer()+
		"\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\nContent-Length: 0\r\n\r\n")
	must(w.t, err)
	br := bufio.NewReader(c)
	res, err := http.ReadResponse(br, nil)
	must(w.t, err)
	return br, res
}

// hijack answers 101 and gives the connection.
func hijack(rw http.ResponseWriter) (net.Conn, *bufio.ReadWriter) {
	rw.Header().Set("Connection", "Upgrade")
	rw.Header().Set("Upgrade", "echo/1")
	rw.WriteHeader(http.StatusSwitchingProtocols)
	conn, brw, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(err)
	}
	return conn, brw
}

const portForwardPath = "/api/v1/namespaces/ns/pods/p/portforward"

func TestUpgradedConnectionHalfCloses(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		conn, brw := hijack(rw)
		defer conn.Close()
		data, _ := io.ReadAll(brw) // to the client's half-close
		fmt.Fprintf(conn, "%d after EOF", len(data))
	})
	c := w.dialTLS()
	br, res := w.upgrade(c, portForwardPath)
	if res.StatusCode != 101 || res.Header.Get("Upgrade") != "echo/1" {
		t.Fatalf("%s %v", res.Status, res.Header)
	}
	c.Write(noise(bulk))
	must(t, c.(interface{ CloseWrite() error }).CloseWrite())
	if b, err := io.ReadAll(br); err != nil || string(b) != fmt.Sprintf("%d after EOF", bulk) {
		t.Errorf("%q, %v", b, err)
	}
	if q := w.rec.one(t, traffic.Complete); q.BytesIn != bulk || q.BytesOut != 17 {
		t.Errorf("%d bytes in, %d out", q.BytesIn, q.BytesOut)
	}
}

func TestUpgradedConnectionClosedByUpstream(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		conn, _ := hijack(rw)
		io.WriteString(conn, "bye")
		conn.Close()
	})
	c := w.dialTLS()
	br, _ := w.upgrade(c, portForwardPath)
	if b, err := io.ReadAll(br); err != nil || string(b) != "bye" {
		t.Errorf("%q, %v", b, err)
	}
	c.Close()
	w.rec.one(t, traffic.Complete)
}

func TestUpgradedConnectionBrokenByUpstream(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		conn, brw := hijack(rw)
		brw.ReadByte()
		conn.(interface{ NetConn() net.Conn }).NetConn().(*net.TCPConn).SetLinger(0)
		conn.(interface{ NetConn() net.Conn }).NetConn().Close()
	})
	c := w.dialTLS()
	br, _ := w.upgrade(c, portForwardPath)
	c.Write([]byte("x"))
	io.ReadAll(br)
	if q := w.rec.one(t, traffic.UpstreamAborted); q.Error == "" {
		t.Error("no error recorded")
	}
}

func TestUpgradedConnectionBrokenByItsClient(t *testing.T) {
	gone := make(chan struct{})
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		conn, brw := hijack(rw)
		defer conn.Close()
		io.Copy(io.Discard, brw)
		close(gone)
	})
	c := w.dialTLS()
	w.upgrade(c, portForwardPath)
	raw := c.(interface{ NetConn() net.Conn }).NetConn().(*net.TCPConn)
	raw.SetLinger(0)
	raw.Close()
	receive(t, "the API server sees the end", gone)
	w.rec.one(t, traffic.ClientAborted)
}

// A refused upgrade is an answer like any other: its Status object must reach kubectl.
func TestRefusedUpgradeKeepsItsAnswer(t *testing.T) {
	const status = `{"kind":"Status","code":403,"message":"no"}`
	w := newWorld(t, respond(403, "application/json", status))
	c := w.dialTLS()
	_, res := w.upgrade(c, portForwardPath)
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 403 || string(body) != status {
		t.Errorf("%s %q", res.Status, body)
	}
	if q := w.rec.one(t, traffic.Complete); q.Status != 403 {
		t.Errorf("recorded %d", q.Status)
	}
	for _, kind := range []string{"spdy", "websocket"} {
		e := executor(t, kind, config(t, w.rendered), w.url(execPath))
		err := e.StreamWithContext(t.Context(), remotecommand.StreamOptions{Stdin: strings.NewReader("x"), Stdout: io.Discard})
		if err == nil || !strings.Contains(err.Error(), "no") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestRowOfLongRequestExistsBeforeUpstreamSeesIt(t *testing.T) {
	var w *world
	open := make(chan int, 1)
	w = newWorld(t, func(rw http.ResponseWriter, r *http.Request) { open <- len(w.rec.open()) })
	for _, path := range []string{watchPath, "/api/v1/namespaces/ns/pods/p/log?follow=true", execPath, "/api/v1/namespaces/ns/pods/p/proxy/x"} {
		w.get(w.client(h1), path)
		if n := <-open; n != 1 {
			t.Errorf("%s: %d rows when upstream saw it, want 1", path, n)
		}
	}
	w.upgrade(w.dialTLS(), "/some/other/path")
	if n := <-open; n != 1 {
		t.Errorf("upgrade of an unknown path: %d rows", n)
	}
	w.get(w.client(), "/api/v1/pods")
	if n := <-open; n != 0 {
		t.Errorf("a list: %d rows before its end, want 0", n)
	}
	for _, q := range w.rec.begun() {
		if q.Outcome != traffic.Open {
			t.Errorf("%s began as %v", q.Path, q.Outcome)
		}
	}
	w.rec.wait(t, 6)
}

func TestEndOfTheGatewayEndsUpgrades(t *testing.T) {
	gone := make(chan struct{})
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		conn, brw := hijack(rw)
		defer conn.Close()
		io.WriteString(conn, "x")
		io.Copy(io.Discard, brw)
		close(gone)
	})
	br, _ := w.upgrade(w.dialTLS(), portForwardPath)
	br.ReadByte()
	if took := w.stop(); took > prompt {
		t.Errorf("Run returned after %v", took)
	}
	receive(t, "the upgrade ends upstream", gone)
	w.rec.one(t, traffic.Unfinished)
}

// TestEndOfTheGatewayEndsHalfClosedUpgrades: the API server has nothing more to say, the client does not end it.
func TestEndOfTheGatewayEndsHalfClosedUpgrades(t *testing.T) {
	gone := make(chan struct{})
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		conn, brw := hijack(rw)
		defer conn.Close()
		io.WriteString(conn, "x")
		conn.(*tls.Conn).CloseWrite()
		io.Copy(io.Discard, brw)
		close(gone)
	})
	br, _ := w.upgrade(w.dialTLS(), portForwardPath)
	if all, err := io.ReadAll(br); string(all) != "x" || err != nil {
		t.Fatalf("read %q, %v; want what the API server wrote, and its end", all, err)
	}
	if took := w.stop(); took > prompt {
		t.Errorf("Run returned after %v", took)
	}
	receive(t, "the upgrade ends upstream", gone)
	w.rec.one(t, traffic.Unfinished)
}
