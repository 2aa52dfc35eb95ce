package gateway

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	x509request "k8s.io/apiserver/pkg/authentication/request/x509"
	"k8s.io/apiserver/pkg/authentication/user"

	"e2etap/internal/upstream"
)

const (
	// where every kube-apiserver publishes what it verifies client certificates with
	clientCAPath = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"
	clientCAKey  = "client-ca-file"

	clientCATimeout = 10 * time.Second
	// a certificate that fails may be of a CA that is new: read it again, but not at the client's pace
	clientCARefresh = 5 * time.Second
)

var errNoClientCA = errors.New("cannot read what the cluster verifies client certificates with")

// clientCA verifies client certificates as one API server does, with that server's own code and its own CA.
type clientCA struct {
	transports func() (upstream.Transports, error)
	url        string
	reader     string // the user who reads it
	auth       *x509request.Authenticator

	mu   sync.Mutex
	pool *x509.CertPool
	read time.Time
}

// certUser is the owner of a verified client certificate.
type certUser struct{ user.Info }

func newClientCA(transports func() (upstream.Transports, error), server *url.URL, reader string) *clientCA {
	c := &clientCA{transports: transports, url: server.JoinPath(clientCAPath).String(), reader: reader}
	c.auth = x509request.NewDynamic(c.options, x509request.CommonNameUserConversion)
	return c
}

func (c *clientCA) options() (x509.VerifyOptions, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	options := x509request.DefaultVerifyOptions()
	options.Roots = c.pool
	return options, true
}

// authenticate returns the user that the request's client certificate stands for. A certificate without a common name
// stands for nobody: nil, nil, as for the API server.
func (c *clientCA) authenticate(r *http.Request) (*certUser, error) {
	if err := c.load(r.Context(), 0); err != nil {
		return nil, err
	}
	response, ok, err := c.auth.AuthenticateRequest(r)
	if err != nil {
		if reload := c.load(r.Context(), clientCARefresh); reload != nil {
			return nil, reload
		}
		response, ok, err = c.auth.AuthenticateRequest(r)
	}
	if err != nil || !ok {
		return nil, err
	}
	return &certUser{response.User}, nil
}

// load reads the CA if it was never read, or if it is older than maxAge (0: never too old).
func (c *clientCA) load(ctx context.Context, maxAge time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pool != nil && (maxAge == 0 || time.Since(c.read) < maxAge) {
		return nil
	}
	pem, err := c.fetch(ctx)
	if err != nil {
		return fmt.Errorf("%w as user %q: %w", errNoClientCA, c.reader, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%w: %s of %s has no certificate", errNoClientCA, clientCAKey, clientCAPath)
	}
	c.pool, c.read = pool, time.Now()
	return nil
}

func (c *clientCA) fetch(ctx context.Context) ([]byte, error) {
	transports, err := c.transports()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, clientCATimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set("Accept", "application/json")
	res, err := transports.Plain.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", clientCAPath, res.Status)
	}
	var cm corev1.ConfigMap
	if err := json.NewDecoder(res.Body).Decode(&cm); err != nil {
		return nil, fmt.Errorf("decode %s: %w", clientCAPath, err)
	}
	if cm.Data[clientCAKey] == "" {
		return nil, errors.New("the API server accepts no client certificates")
	}
	return []byte(cm.Data[clientCAKey]), nil
}
