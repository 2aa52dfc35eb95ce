package gateway

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"

	"golang.org/x/net/http2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"e2etap/internal/traffic"
)

// unanswered ends a request that got no answer the way the client would see it without a proxy: if no connection to the
// API server can be had, or it broke, the client's connection breaks, too; otherwise only this request does. What the
// client would have failed with by itself, before it asked anybody, is said in an answer.
func (x *exchange) unanswered(w http.ResponseWriter, err error) {
	if isCredential(err) && x.ctx.Err() == nil {
		x.refuse(w, http.StatusInternalServerError, metav1.StatusReasonInternalError, reason(err))
		return
	}
	outcome := traffic.UpstreamAborted
	if isUnreachable(err) {
		outcome = traffic.UpstreamUnreachable
	}
	if first := x.fail(outcome, err); first && x.ctx.Err() == nil && !isStream(err) && !errors.Is(err, errTooLong) {
		x.end() // before the client can know
		x.conn.abort(err)
	}
	panic(http.ErrAbortHandler)
}

// isUnreachable tells that no connection was made: dial, an upstream proxy's refusal, or the TLS handshake.
func isUnreachable(err error) bool {
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"), errors.As(err, &cert), errors.As(err, &alert),
		errors.As(err, &record):
		return true
	}
	return strings.Contains(err.Error(), "TLS handshake") // net/http's time-out has no type
}

// isStream tells an HTTP/2 stream that the API server reset from a broken connection.
func isStream(err error) bool {
	var stream http2.StreamError
	return errors.As(err, &stream)
}

// isCredential tells that client-go could not get the user's credential, from an exec plugin for instance. It gives the
// error no type (plugin/pkg/client/auth/exec, RoundTrip).
func isCredential(err error) bool { return strings.HasPrefix(err.Error(), "getting credentials: ") }
