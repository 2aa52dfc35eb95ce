package upstream

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // the auth providers that a kubeconfig may name
)

// Cluster is one API server of the kubeconfig.
type Cluster struct {
	Name   string
	Server *url.URL
	config *Config
}

// Transports carry requests to one API server with one identity.
type Transports struct {
	Plain   http.RoundTripper // HTTP/2 where the server speaks it
	Upgrade http.RoundTripper // HTTP/1.1, which alone can be upgraded to SPDY or WebSocket
}

// CloseIdle closes the connections that no request is using.
func (t Transports) CloseIdle() {
	utilnet.CloseIdleConnectionsFor(t.Plain)
	utilnet.CloseIdleConnectionsFor(t.Upgrade)
}

// As returns transports with the credentials of a user of the kubeconfig. "" stands for a context without a user.
func (c *Cluster) As(user string) (Transports, error) {
	cfg, err := c.restConfig(user)
	if err != nil {
		return Transports{}, err
	}
	return transports(cfg)
}

// AsOwner is As without what the kubeconfig makes the user impersonate.
func (c *Cluster) AsOwner(user string) (Transports, error) {
	cfg, err := c.restConfig(user)
	if err != nil {
		return Transports{}, err
	}
	cfg.Impersonate = rest.ImpersonationConfig{}
	return transports(cfg)
}

// Bare returns transports without any credential, client certificates included: what a request brings itself is all
// that the API server sees.
func (c *Cluster) Bare() (Transports, error) {
	cfg, err := c.restConfig("")
	if err != nil {
		return Transports{}, err
	}
	return transports(rest.AnonymousClientConfig(cfg))
}

// RESTConfig returns the configuration that a client-go client needs to act as user.
func (c *Cluster) RESTConfig(user string) (*rest.Config, error) { return c.restConfig(user) }

func (c *Cluster) restConfig(user string) (*rest.Config, error) {
	raw := c.config.raw
	raw.Contexts = map[string]*api.Context{"proxied": {Cluster: c.Name, AuthInfo: user}}
	cfg, err := clientcmd.NewNonInteractiveClientConfig(raw, "proxied", &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("cluster %q, user %q: %w", c.Name, user, err)
	}
	return cfg, nil
}

// transports makes the two transports of a configuration. Neither has a time-out of its own for an answer, and neither
// touches a body's encoding.
func transports(cfg *rest.Config) (Transports, error) {
	cfg.DisableCompression = true
	cfg.Timeout = 0
	// a dialer of our own keeps client-go from falling back to http.DefaultTransport for http:// servers
	cfg.Dial = (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	plain, err := rest.TransportFor(cfg)
	if err != nil {
		return Transports{}, err
	}
	h1 := rest.CopyConfig(cfg)
	h1.NextProtos = []string{"http/1.1"}
	upgrade, err := rest.TransportFor(h1)
	if err != nil {
		return Transports{}, err
	}
	return Transports{Plain: plain, Upgrade: upgrade}, nil
}
