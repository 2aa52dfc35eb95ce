package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/elazarl/goproxy"
	"github.com/rs/zerolog"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// UserAgent marks the few requests that the proxy makes itself.
const UserAgent = "e2etap"

// Recorder is told of every connection and request. Its methods are called concurrently. Connect and Start give the
// value its ID; Finish is called once for every request, before the client sees the end of the answer.
type Recorder interface {
	Connect(*traffic.Connection)
	Start(*traffic.Request) // of a long-running request only
	Finish(*traffic.Request)
}

// Config is what a Gateway needs.
type Config struct {
	Upstream  *upstream.Config
	Mode      upstream.Mode
	Listen    string // HOST:PORT; port 0 lets the kernel choose. Further clusters always get ports of the kernel's.
	Recorder  Recorder
	Attribute func(traffic.Client) (test string, source traffic.Source)
	Log       zerolog.Logger
}

// Gateway is the proxy in front of every cluster of a kubeconfig. It listens from New on and serves in Run.
type Gateway struct {
	recorder  Recorder
	attribute func(traffic.Client) (string, traffic.Source)
	log       zerolog.Logger
	netLog    *log.Logger // for net/http

	upstream    *upstream.Config
	mode        upstream.Mode
	authority   *authority
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

// door is one listening socket and the cluster behind it; nil if CONNECT says which.
type door struct {
	net.Listener
	target *target
}

// New makes the run's CA and credentials and opens the listening sockets.
func New(cfg Config) (*Gateway, error) {
	authority, err := newAuthority()
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		recorder: cfg.Recorder, attribute: cfg.Attribute, log: cfg.Log,
		upstream: cfg.Upstream, mode: cfg.Mode, authority: authority,
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

// listen opens a socket for each cluster, or in proxy-url mode one for all.
func (g *Gateway) listen(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("listen address %q: want HOST:PORT", address)
	}
	current := g.upstream.Current().Name
	for _, cluster := range g.upstream.Clusters() {
		t := newTarget(cluster, g.upstream.UserFor(cluster.Name))
		g.targets = append(g.targets, t)
		if cluster.Name == current {
			g.current = t
		}
		if g.mode == upstream.ModeProxyURL {
			t.accept(withPort(cluster.Server))
			continue
		}
		doorAddress := net.JoinHostPort(host, "0")
		if t == g.current {
			doorAddress = address
		}
		if err := g.open(doorAddress, t); err != nil {
			return err
		}
	}
	if g.mode == upstream.ModeProxyURL {
		return g.open(address, nil)
	}
	return nil
}

func (g *Gateway) open(address string, t *target) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		g.closeDoors()
		return err // names the address
	}
	if t == nil {
		g.tunnels = newTunnels(l.Addr())
	} else {
		_, port, _ := net.SplitHostPort(l.Addr().String())
		t.accept(net.JoinHostPort("localhost", port))
	}
	g.doors = append(g.doors, door{l, t})
	return nil
}

// reachable returns the address at which clients of this machine find a socket.
func reachable(addr net.Addr) string {
	tcp := *addr.(*net.TCPAddr)
	if tcp.IP.IsUnspecified() {
		tcp.IP = net.IPv4(127, 0, 0, 1)
	}
	return tcp.String()
}

// Close closes the sockets of a gateway that never ran.
func (g *Gateway) Close() error { return g.closeDoors() }

func (g *Gateway) closeDoors() error {
	var errs []error
	for _, d := range g.doors {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}

// Server is the URL at which clients reach the cluster of the context in use.
func (g *Gateway) Server() string { return g.serverOf(g.current) }

func (g *Gateway) serverOf(t *target) string {
	for _, d := range g.doors {
		if d.target == t {
			return "https://" + reachable(d.Addr()) + strings.TrimSuffix(t.server.EscapedPath(), "/")
		}
	}
	if t.server.Scheme == "http" { // clients send CONNECT for https only; inside the tunnel is TLS whatever is behind it
		return "https://" + withPort(t.server) + t.server.EscapedPath()
	}
	return t.server.String()
}

// Kubeconfig describes the kubeconfig with which clients come through the gateway.
func (g *Gateway) Kubeconfig() (*upstream.Kubeconfig, error) {
	e := upstream.Endpoints{Mode: g.mode, CA: g.authority.pem, Servers: map[string]string{}}
	if g.mode == upstream.ModeProxyURL {
		e.ProxyURL = "http://e2etap:" + g.proxyToken + "@" + reachable(g.tunnels.Addr())
	} else {
		e.Tokens = g.tokens
	}
	for _, t := range g.targets {
		e.Servers[t.cluster.Name] = g.serverOf(t)
	}
	return g.upstream.Kubeconfig(e)
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
