// Package webhook takes the events that an API server sends to its audit webhook (k8s.io/apiserver, plugin/pkg/audit/webhook), and
// appends them to a log, one JSON object a line, as the API server's own log has them.
//
// It keeps events as they were sent, but for the objects of requests and responses, which may hold secrets. It does not judge what is
// in an event, knows no recordings, and trusts whoever has the token.
package webhook

import (
	"compress/gzip"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync/atomic"
)

// MaxBody is how many bytes a batch may have, before and after it is unpacked. An API server that truncates events
// (--audit-webhook-truncate-enabled) sends 10 MiB at most.
const MaxBody = 64 << 20

// Config is what a Handler needs. All of it is required.
type Config struct {
	Token string // the bearer token that requests must have
	// Append keeps whole lines, all or none, before it returns nil. It is called concurrently.
	Append func(lines []byte) error
	// Failed is told of each error of Append, after which the API server sends the batch again. It is called concurrently.
	Failed func(error)
}

// Handler takes batches by POST. It answers with 200 once a batch is kept, with 500 if it could not be, and with 400, 401, 405, 413 or
// 415 to what is none.
type Handler struct {
	config  Config
	token   [sha256.Size]byte
	events  atomic.Int64
	batches atomic.Int64
}

// NewHandler returns a handler.
func NewHandler(c Config) *Handler { return &Handler{config: c, token: sha256.Sum256([]byte(c.Token))} }

// Kept returns how many events, in how many batches, were kept so far.
func (h *Handler) Kept() (events, batches int64) { return h.events.Load(), h.batches.Load() }

// refusal is an error that is answered with a status of its own.
type refusal struct {
	status int
	err    error
}

func (r *refusal) Error() string { return r.err.Error() }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Errorf(format, args...)}
}

// ServeHTTP takes a batch.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h.take(w, r)
	if err == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	status := http.StatusInternalServerError
	if refused, ok := errors.AsType[*refusal](err); ok {
		status = refused.status
	}
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusInternalServerError:
		h.config.Failed(err)
	}
	http.Error(w, "e2etap: "+err.Error(), status)
}

func (h *Handler) take(w http.ResponseWriter, r *http.Request) error {
	if !h.knows(r) {
		return refuse(http.StatusUnauthorized, "the token of the webhook's kubeconfig is missing")
	}
	if r.Method != http.MethodPost {
		return refuse(http.StatusMethodNotAllowed, "method %s, want POST", r.Method)
	}
	body, err := bodyOf(w, r)
	if err != nil {
		return err
	}
	lines, n, err := linesOf(body)
	if err != nil {
		return refuse(http.StatusBadRequest, "%w", err)
	}
	if n > 0 {
		if err := h.config.Append(lines); err != nil {
			return fmt.Errorf("append %d events: %w", n, err)
		}
	}
	h.events.Add(int64(n))
	h.batches.Add(1)
	return nil
}

// knows tells whether a request has the token. Hashes are compared, so that how long it takes does not even tell the token's length.
func (h *Handler) knows(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(got[:], h.token[:]) == 1 && strings.EqualFold(scheme, "bearer")
}

// bodyOf reads the body, unpacked.
func bodyOf(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind := r.Header.Get("Content-Type"); kind != "" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" {
			return nil, refuse(http.StatusUnsupportedMediaType, "Content-Type %.60q, want application/json", kind)
		}
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, MaxBody)
	switch coding := r.Header.Get("Content-Encoding"); strings.ToLower(coding) {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, bodyError(err)
		}
		body = unpacked
	default:
		return nil, refuse(http.StatusUnsupportedMediaType, "Content-Encoding %.60q, want gzip or none", coding)
	}
	b, err := io.ReadAll(io.LimitReader(body, MaxBody+1))
	if err != nil {
		return nil, bodyError(err)
	}
	if len(b) > MaxBody {
		return nil, tooLarge()
	}
	return b, nil
}

func bodyError(err error) error {
	if errors.As(err, new(*http.MaxBytesError)) {
		return tooLarge()
	}
	return refuse(http.StatusBadRequest, "read body: %w", err)
}

func tooLarge() error {
	return refuse(http.StatusRequestEntityTooLarge, "the batch has more than %d bytes", MaxBody)
}
