package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// policy lets a page load and ask what comes from here, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// CheckListen says what is wrong about an address to listen at, if it is no loopback one with a port.
func CheckListen(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return fmt.Errorf("listen at %q: want a loopback address and a port, such as 127.0.0.1:0", address)
	}
	if !isLoopback(host) {
		return fmt.Errorf("listen at %q: want a loopback address, such as 127.0.0.1: others would see names of your objects", address)
	}
	return nil
}

// isLoopback is for a host without a port.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")
}

// guarded passes on what may be asked, without the token.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		token, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch {
		case !isLoopbackHost(r.Host):
			http.Error(w, "the Host is not a loopback name", http.StatusMisdirectedRequest)
		case !s.isToken(token):
			http.Error(w, "not found: open the whole address that was printed", http.StatusNotFound)
		case r.Method != http.MethodGet:
			h.Set("Allow", "GET")
			http.Error(w, "this only answers questions", http.StatusMethodNotAllowed)
		default:
			inner := r.Clone(r.Context())
			inner.URL.Path = "/" + path
			next.ServeHTTP(w, inner)
		}
	})
}

// isLoopbackHost is for a Host header, with or without a port.
func isLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return isLoopback(host)
}

// isToken takes as long for a wrong token as for the right one, whatever their lengths.
func (s *Server) isToken(token string) bool {
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.token))
	return subtle.ConstantTimeCompare(given[:], want[:]) == 1
}
