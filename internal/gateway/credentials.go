package gateway

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"e2etap/internal/upstream"
)

// credentials knows the run's own credentials.
type credentials struct {
	tokens       map[[sha256.Size]byte]string    // hash of a run token → user
	certificates map[upstream.Fingerprint]string // a kubeconfig user's own certificate → user
}

// tokenUser returns the kubeconfig user that a run token stands for. It compares hashes, so that the time it takes
// tells nothing about a token.
func (c *credentials) tokenUser(authorization string) (string, bool) {
	scheme, token, ok := strings.Cut(authorization, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return "", false
	}
	user, ok := c.tokens[sha256.Sum256([]byte(strings.TrimSpace(token)))]
	return user, ok
}

// misplaced tells whether a run token is where it would be forwarded: in another scheme, or in a WebSocket subprotocol
// (k8s.io/apiserver, authentication/request/websocket).
func (c *credentials) misplaced(h http.Header) bool {
	words := strings.Fields(strings.Join(h["Authorization"], " "))
	for _, protocol := range strings.FieldsFunc(strings.Join(h["Sec-Websocket-Protocol"], ","), isSeparator) {
		if encoded, ok := strings.CutPrefix(protocol, "base64url.bearer.authorization.k8s.io."); ok {
			token, _ := base64.RawURLEncoding.DecodeString(encoded)
			words = append(words, string(token))
		}
	}
	for _, word := range words {
		if _, ok := c.tokens[sha256.Sum256([]byte(word))]; ok {
			return true
		}
	}
	return false
}

func isSeparator(r rune) bool { return r == ',' || r == ' ' }

func (c *credentials) certificateUser(r *http.Request) (string, bool) {
	if len(r.TLS.PeerCertificates) == 0 {
		return "", false
	}
	user, ok := c.certificates[sha256.Sum256(r.TLS.PeerCertificates[0].Raw)]
	return user, ok
}
