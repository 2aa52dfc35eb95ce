package gateway

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"e2etap/internal/upstream"
)

// door is one listening socket and the cluster behind it; nil if CONNECT says which.
type door struct {
	net.Listener
	target *target
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

// Reachable returns the address at which clients of this machine find a socket.
func Reachable(addr net.Addr) string {
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
			return "https://" + Reachable(d.Addr()) + strings.TrimSuffix(t.server.EscapedPath(), "/")
		}
	}
	if t.server.Scheme == "http" { // clients send CONNECT for https only; inside the tunnel is TLS whatever is behind it
		return "https://" + withPort(t.server) + t.server.EscapedPath()
	}
	return t.server.String()
}

// Kubeconfig describes the kubeconfig with which clients come through the gateway.
func (g *Gateway) Kubeconfig() (*upstream.Kubeconfig, error) {
	e := upstream.Endpoints{Mode: g.mode, CA: g.authority.PEM(), Servers: map[string]string{}}
	if g.mode == upstream.ModeProxyURL {
		e.ProxyURL = "http://e2etap:" + g.proxyToken + "@" + Reachable(g.tunnels.Addr())
	} else {
		e.Tokens = g.tokens
	}
	for _, t := range g.targets {
		e.Servers[t.cluster.Name] = g.serverOf(t)
	}
	return g.upstream.Kubeconfig(e)
}
