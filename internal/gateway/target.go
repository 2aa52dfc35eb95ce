package gateway

import (
	"net"
	"net/url"
	"strings"
	"sync"

	"e2etap/internal/upstream"
)

// target is one API server that requests may be forwarded to, and all that is needed to do so.
type target struct {
	cluster  *upstream.Cluster
	server   *url.URL
	basePath string          // of the server's URL, unescaped, without a trailing slash: "/k8s/clusters/c-1"
	hosts    map[string]bool // the names and ports that mean it, in lower case
	ca       *clientCA

	mu            sync.Mutex
	users, owners map[string]upstream.Transports // by the name of the kubeconfig's user; see as and asOwner
	bare          func() (upstream.Transports, error)
}

// newTarget returns a target whose clients' certificates are verified with what defaultUser can read.
func newTarget(cluster *upstream.Cluster, defaultUser string) *target {
	t := &target{
		cluster:  cluster,
		server:   cluster.Server,
		basePath: strings.TrimSuffix(cluster.Server.Path, "/"),
		hosts:    map[string]bool{},
		users:    map[string]upstream.Transports{},
		owners:   map[string]upstream.Transports{},
		bare:     sync.OnceValues(cluster.Bare),
	}
	t.ca = newClientCA(func() (upstream.Transports, error) { return t.as(defaultUser) }, cluster.Server, defaultUser)
	return t
}

// as returns the transports that carry a kubeconfig user's credentials, made on first use.
func (t *target) as(user string) (upstream.Transports, error) {
	return cached(t, t.users, user, t.cluster.As)
}

// asOwner returns the transports for who comes with the certificate of a kubeconfig's user: whom that user is told to
// impersonate, the client says by itself.
func (t *target) asOwner(user string) (upstream.Transports, error) {
	return cached(t, t.owners, user, t.cluster.AsOwner)
}

func cached(t *target, made map[string]upstream.Transports, user string,
	make func(string) (upstream.Transports, error)) (upstream.Transports, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if transports, ok := made[user]; ok {
		return transports, nil
	}
	transports, err := make(user)
	if err == nil {
		made[user] = transports
	}
	return transports, err
}

// closeIdle closes the connections to the API server. The target can still be used.
func (t *target) closeIdle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, made := range []map[string]upstream.Transports{t.users, t.owners} {
		for _, transports := range made {
			transports.CloseIdle()
		}
	}
	if transports, err := t.bare(); err == nil {
		transports.CloseIdle()
	}
}

// has tells whether a path is below the server's URL.
func (t *target) has(path string) bool {
	rest, ok := strings.CutPrefix(path, t.basePath)
	return ok && (rest == "" || rest[0] == '/')
}

// accept adds a host name or address with its port to those that a Host header may name.
func (t *target) accept(hostPort string) { t.hosts[strings.ToLower(hostPort)] = true }

// hasHost tells whether a Host header means this target. A missing port is 443 (RFC 9110, section 4.2.2).
func (t *target) hasHost(host string) bool {
	host = strings.ToLower(host)
	return t.hosts[host] || t.hosts[net.JoinHostPort(strings.Trim(host, "[]"), "443")]
}

// withPort returns a URL's host with its port, the scheme's own where none is written.
func withPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
