package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"net/http"
	"sync"

	"github.com/elazarl/goproxy"
	"github.com/rs/zerolog"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"e2etap/internal/apirequest"
	"e2etap/internal/authority"
	"e2etap/internal/peer"
	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// UserAgent marks the few requests that the proxy makes itself.
const UserAgent = traffic.OwnProgram

// Recorder is told of every connection and request. Its methods are called concurrently. Connect and Start give the
// value its ID; Finish is called once for every request, before the client sees the end of the answer.
type Recorder interface {
	Connect(*traffic.Connection)
	Start(*traffic.Request) // of a long-running request only
	Finish(*traffic.Request)
}

// Config is what a Gateway needs.
type Config struct {
	Upstream *upstream.Config
	Mode     upstream.Mode
	Listen   string // HOST:PORT; port 0 lets the kernel choose. Further clusters always get ports of the kernel's.
	Recorder Recorder
	Peers    *peer.Finder // finds the processes behind connections
	// Attribute is told of each request that has begun, with the process that sent it if it is known. It fills in what is
	// known of the request's test and returns the User-Agent to go on with.
	Attribute func(*traffic.Request, *traffic.Process) (userAgent string)
	Log       zerolog.Logger
}

// Gateway is the proxy in front of every cluster of a kubeconfig. It listens from New on and serves in Run.
type Gateway struct {
	recorder  Recorder
	peers     *peer.Finder
	attribute func(*traffic.Request, *traffic.Process) string
	parser    *apirequest.Parser
	log       zerolog.Logger
	netLog    *log.Logger // for net/http

	upstream    *upstream.Config
	mode        upstream.Mode
	authority   *authority.Authority
	credentials credentials
	tokens      map[string]string // user → run token
	targets     []*target
	current     *target
	front       *goproxy.ProxyHttpServer
	doors       []door
	tunnels     *tunnels
	proxyToken  string

	closing context.Context // its end ends long-running requests
	close   context.CancelCauseFunc
	fresh   sync.Map     // net.Conn without a request so far
	serving sync.RWMutex // read-locked by each request under way
}

// New makes the run's CA and credentials and opens the listening sockets.
func New(cfg Config) (*Gateway, error) {
	ca, err := authority.New()
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		recorder: cfg.Recorder, peers: cfg.Peers, attribute: cfg.Attribute, parser: apirequest.NewParser(), log: cfg.Log,
		upstream: cfg.Upstream, mode: cfg.Mode, authority: ca,
		tokens: map[string]string{}, proxyToken: newToken(),
	}
	g.credentials = credentials{tokens: map[[sha256.Size]byte]string{}, certificates: cfg.Upstream.CertificateUsers()}
	for _, user := range cfg.Upstream.Users() {
		token := newToken()
		g.tokens[user] = token
		g.credentials.tokens[sha256.Sum256([]byte(token))] = user
	}
	g.netLog = log.New(proxyLog{g.log}, "", 0)
	g.closing, g.close = context.WithCancelCause(context.Background())
	g.front = g.newFront()
	if err := g.listen(cfg.Listen); err != nil {
		return nil, err
	}
	return g, nil
}

// newToken returns 256 random bits.
func newToken() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// ServeHTTP takes a request from the front through the gate to the API server.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.TLS == nil { // in proxy-url mode the outer socket speaks HTTP, for CONNECT only
		http.Error(w, "e2etap: this port takes CONNECT only", http.StatusMethodNotAllowed)
		return
	}
	if !g.serving.TryRLock() { // Run is over
		panic(http.ErrAbortHandler)
	}
	defer g.serving.RUnlock()
	conn := connOf(r)
	conn.identify(findLimit)
	x := g.begin(conn, r)
	defer x.end()
	if !conn.isFor(r.Host) {
		x.refuse(w, http.StatusMisdirectedRequest, metav1.StatusReasonBadRequest,
			fmt.Sprintf("Host %q is not the cluster %q", r.Host, x.target.cluster.Name))
		return
	}
	id, err := g.credentials.identify(conn, x.target, r)
	if err != nil && isUnreachable(err) {
		x.unanswered(w, err)
	}
	if err != nil {
		g.refuseIdentity(x, w, err)
		return
	}
	x.q.Client.Credential = id.credential
	x.q.AuditID = auditID(r.Header)
	if x.q.API.LongRunning() || r.Header.Get("Upgrade") != "" {
		r = x.untilClosing(g.closing, r)
		x.start()
	}
	g.forward(x, w, r, id)
}

func (g *Gateway) refuseIdentity(x *exchange, w http.ResponseWriter, err error) {
	code, reason := http.StatusInternalServerError, metav1.StatusReasonInternalError
	switch {
	case errors.Is(err, errUnverified), errors.Is(err, errMisplaced):
		code, reason = http.StatusUnauthorized, metav1.StatusReasonUnauthorized
	case errors.Is(err, errNested):
		code, reason = http.StatusForbidden, metav1.StatusReasonForbidden
	}
	g.log.Warn().Err(err).Str("client", x.q.Client.UserAgent).Msg("refused a request")
	x.refuse(w, code, reason, err.Error())
}
