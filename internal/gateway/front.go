package gateway

import (
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/elazarl/goproxy"
	"github.com/rs/zerolog"
)

// newFront returns the outer handler: it takes CONNECT to the clusters of the kubeconfig, refuses every other proxying,
// and gives the requests that are for us to the gateway.
func (g *Gateway) newFront() *goproxy.ProxyHttpServer {
	front := goproxy.NewProxyHttpServer()
	front.Logger = proxyLog{g.log}
	front.NonproxyHandler = g
	front.OnRequest().HandleConnect(goproxy.FuncHttpsHandler(g.connect))
	front.OnRequest().DoFunc(func(r *http.Request, _ *goproxy.ProxyCtx) (*http.Request, *http.Response) {
		return r, goproxy.NewResponse(r, goproxy.ContentTypeText, http.StatusForbidden,
			"e2etap: forwards to the API servers of its kubeconfig only\n")
	})
	return front
}

// connect decides on a CONNECT request.
func (g *Gateway) connect(host string, ctx *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
	if g.tunnels == nil || ctx.Req.TLS != nil {
		return g.reject(ctx, http.StatusMethodNotAllowed, "this port takes no CONNECT (see --mode=proxy-url)")
	}
	if !g.mayConnect(ctx.Req) {
		return g.reject(ctx, http.StatusProxyAuthRequired, "the run's proxy credential is missing")
	}
	var targets []*target
	for _, t := range g.targets {
		if t.hasHost(host) {
			targets = append(targets, t)
		}
	}
	if len(targets) > 0 {
		return &goproxy.ConnectAction{Action: goproxy.ConnectHijack, Hijack: g.tunnelTo(targets)}, host
	}
	return g.reject(ctx, http.StatusForbidden, fmt.Sprintf("%q is not an API server of the kubeconfig", host))
}

func (g *Gateway) reject(ctx *goproxy.ProxyCtx, code int, message string) (*goproxy.ConnectAction, string) {
	ctx.Resp = goproxy.NewResponse(ctx.Req, goproxy.ContentTypeText, code, "e2etap: "+message+"\n")
	return goproxy.RejectConnect, ""
}

// mayConnect tells whether a CONNECT request carries the credential of the generated kubeconfig's proxy-url.
func (g *Gateway) mayConnect(r *http.Request) bool {
	scheme, value, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
	got, err := base64.StdEncoding.DecodeString(value)
	want := "e2etap:" + g.proxyToken
	return err == nil && strings.EqualFold(scheme, "basic") && subtle.ConstantTimeCompare(got, []byte(want)) == 1
}

func (g *Gateway) tunnelTo(targets []*target) func(*http.Request, net.Conn, *goproxy.ProxyCtx) {
	return func(_ *http.Request, c net.Conn, _ *goproxy.ProxyCtx) {
		if _, err := io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
			c.Close()
			return
		}
		g.tunnels.push(&clientConn{Conn: c, target: targets[0], siblings: targets, tunnelled: true, opened: time.Now()})
	}
}

// tlsConfig asks for a client certificate without verifying it: its owner is identified per request, as the API server
// does it.
func (g *Gateway) tlsConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		ClientAuth: tls.RequestClientCert,
		NextProtos: []string{"h2", "http/1.1"},
		// called for every handshake, where GetCertificate is not for resumed sessions
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) { return nil, g.admit(hello.Conn.(*clientConn)) },
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return g.authority.Leaf(hello.Conn.(*clientConn).certHost(hello.ServerName))
		},
	}
}

// proxyLog takes goproxy's warnings. None is of the user's making, so they are for whoever debugs.
type proxyLog struct{ log zerolog.Logger }

func (l proxyLog) Printf(format string, v ...any) { l.log.Debug().Msgf("goproxy: "+format, v...) }

// Write takes what net/http's servers log: handshakes that clients broke off, mostly.
func (l proxyLog) Write(p []byte) (int, error) {
	l.log.Debug().Msg(strings.TrimSpace(string(p)))
	return len(p), nil
}
