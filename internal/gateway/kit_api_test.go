package gateway

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// apiServer is an API server as far as a proxy can tell. It records what reaches it.
type apiServer struct {
	t       *testing.T
	ca      *pki // of its own certificate
	clients *pki // that its clients' certificates are of
	cert    pair
	addr    string
	plain   bool // http://

	mu     sync.Mutex
	server *http.Server
	handle http.HandlerFunc
	seen   []seen
	hideCA bool         // keeps the client CA from the proxy
	conns  atomic.Int64 // open ones
}

// seen is one request as it arrived, without its body.
type seen struct {
	Method, URI, Host, Proto string
	Header                   http.Header
	Cert                     string // common name of the client's certificate
	Remote                   string
}

// newAPIServer starts an API server whose requests go to handle; nil answers "ok".
func newAPIServer(t *testing.T, handle http.HandlerFunc) *apiServer {
	a := unstarted(t, handle)
	a.start()
	return a
}

func unstarted(t *testing.T, handle http.HandlerFunc) *apiServer {
	t.Helper()
	a := &apiServer{t: t, ca: newPKI(t, "server CA"), clients: newPKI(t, "client CA"), addr: "127.0.0.1:0", handle: handle}
	a.cert = a.ca.server("localhost", "kubernetes")
	if a.handle == nil {
		a.handle = func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			io.WriteString(w, "ok")
		}
	}
	t.Cleanup(a.kill)
	return a
}

// start listens on the address that it had before, if any.
func (a *apiServer) start() {
	a.t.Helper()
	l, err := net.Listen("tcp", a.addr)
	must(a.t, err)
	a.addr = l.Addr().String()
	s := &http.Server{
		Handler:  a,
		ErrorLog: log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			a.conns.Add(1)
			return ctx
		},
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateClosed || s == http.StateHijacked {
				a.conns.Add(-1)
			}
		},
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{a.cert.tls}, ClientAuth: tls.RequestClientCert, NextProtos: []string{"h2", "http/1.1"},
		},
	}
	a.mu.Lock()
	a.server = s
	a.mu.Unlock()
	if a.plain {
		go s.Serve(l)
	} else {
		go s.ServeTLS(l, "", "")
	}
}

// kill closes the socket and every connection.
func (a *apiServer) kill() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.server != nil {
		a.server.Close()
	}
}

func (a *apiServer) url() string {
	if a.plain {
		return "http://" + a.addr
	}
	return "https://" + a.addr
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == clientCAPath {
		a.serveClientCA(w)
		return
	}
	s := seen{Method: r.Method, URI: r.RequestURI, Host: r.Host, Proto: r.Proto, Header: r.Header.Clone(), Remote: r.RemoteAddr}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		s.Cert = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	a.mu.Lock()
	a.seen = append(a.seen, s)
	a.mu.Unlock()
	a.handle(w, r)
}

func (a *apiServer) serveClientCA(w http.ResponseWriter) {
	a.mu.Lock()
	hide := a.hideCA
	a.mu.Unlock()
	if hide {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	json.NewEncoder(w).Encode(corev1.ConfigMap{Data: map[string]string{clientCAKey: string(a.clients.pem)}})
}

// requests returns what has arrived so far.
func (a *apiServer) requests() []seen {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]seen(nil), a.seen...)
}

// last returns what arrived last.
func (a *apiServer) last() seen {
	a.t.Helper()
	all := a.requests()
	if len(all) == 0 {
		a.t.Fatal("nothing reached the API server")
	}
	return all[len(all)-1]
}

// flush sends what was written so far.
func flush(w http.ResponseWriter) { http.NewResponseController(w).Flush() }

// respond returns a handler that answers with a body.
func respond(code int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(code)
		io.Copy(w, strings.NewReader(body))
	}
}
