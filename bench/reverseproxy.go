//go:build linux

package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"runtime"
)

const reverseProxyCommand = "child-reverseproxy"

// serveReverseProxy is the proxy to compare with: what the standard library's ReverseProxy does as it comes.
func serveReverseProxy(args []string) error {
	pair, err := loadKeys(args[0])
	if err != nil {
		return err
	}
	upstream, err := url.Parse(args[1])
	if err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() // which forces the attempt of HTTP/2
	transport.TLSClientConfig = clientTLS(pair)
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.Transport = transport
	return serveTLS(pair, proxy.ServeHTTP)
}

// reverseProxy starts it.
func (s *stage) reverseProxy(on cores, ca []byte) (*subject, error) {
	p, address, err := s.child(on, reverseProxyCommand, s.keys(), s.upstream)
	if err != nil {
		return nil, err
	}
	return &subject{
		name: "ReverseProxy", note: "httputil.ReverseProxy of " + runtime.Version() + " as it comes, records nothing",
		target: target{URL: "https://" + address, CA: ca, Token: dummyToken}, process: p,
	}, nil
}
