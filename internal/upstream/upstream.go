// Package upstream knows the clusters behind the proxy: it loads the user's kubeconfig by client-go's rules and makes
// the transports to each API server, with a user's credentials and without any.
//
// It forwards nothing and decides nothing about requests. Credentials stay inside client-go: exec plugins, token
// files, certificates that rotate and upstream proxies work as they do in kubectl.
package upstream

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// inCluster names the one context of a configuration that comes from a pod's service account.
const inCluster = "in-cluster"

// Config is the user's kubeconfig, whole.
type Config struct {
	raw     api.Config
	Context string // the context in use; always one of the kubeconfig's
}

// Load reads the kubeconfig as kubectl does: the file named explicitly ("" for none), else those of KUBECONFIG, else
// ~/.kube/config, else the service account of the pod that we run in. context chooses one of its contexts; "" means
// its current one.
func Load(explicit, context string) (*Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = explicit
	raw, err := rules.Load()
	if err != nil {
		return nil, fmt.Errorf("load kubeconfig: %w", err)
	}
	if len(raw.Contexts) == 0 && explicit != "" {
		return nil, fmt.Errorf("kubeconfig %s: it has no context", explicit)
	}
	if len(raw.Contexts) == 0 {
		if raw, err = fromPod(); err != nil {
			return nil, fmt.Errorf("load kubeconfig: none of %s has a context: %w\n"+
				"hint: name one with --kubeconfig or KUBECONFIG", strings.Join(rules.Precedence, ", "), err)
		}
	}
	c := &Config{raw: *raw, Context: context}
	if c.Context == "" {
		c.Context = raw.CurrentContext
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	return c, nil
}

// fromPod writes the in-cluster configuration as a kubeconfig, so that the rest knows one kind only.
func fromPod() (*api.Config, error) {
	pod, err := rest.InClusterConfig()
	if err != nil {
		return nil, err
	}
	raw := api.NewConfig()
	raw.Clusters[inCluster] = &api.Cluster{Server: pod.Host, CertificateAuthority: pod.CAFile}
	raw.AuthInfos[inCluster] = &api.AuthInfo{TokenFile: pod.BearerTokenFile}
	raw.Contexts[inCluster] = &api.Context{Cluster: inCluster, AuthInfo: inCluster}
	raw.CurrentContext = inCluster
	return raw, nil
}

func (c *Config) check() error {
	if c.Context == "" {
		return fmt.Errorf("no current context is set, want one of: %s\nhint: choose with --context", c.contextNames())
	}
	context, ok := c.raw.Contexts[c.Context]
	if !ok {
		return fmt.Errorf("context %q does not exist, want one of: %s", c.Context, c.contextNames())
	}
	cluster, ok := c.raw.Clusters[context.Cluster]
	if !ok {
		return fmt.Errorf("context %q: cluster %q does not exist", c.Context, context.Cluster)
	}
	if _, err := parseServer(cluster.Server); err != nil {
		return fmt.Errorf("cluster %q: %w", context.Cluster, err)
	}
	return nil
}

func (c *Config) contextNames() string {
	names := make([]string, 0, len(c.raw.Contexts))
	for name := range c.raw.Contexts {
		names = append(names, fmt.Sprintf("%q", name))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Current returns the cluster of the context in use.
func (c *Config) Current() *Cluster {
	name := c.raw.Contexts[c.Context].Cluster
	for _, cluster := range c.Clusters() {
		if cluster.Name == name {
			return cluster
		}
	}
	panic("unreachable: check has seen the cluster " + name)
}

// CurrentUser is the name of the user of the context in use; "" if it has none.
func (c *Config) CurrentUser() string { return c.raw.Contexts[c.Context].AuthInfo }

// Clusters returns every cluster of the kubeconfig that has a server, in the order of their names.
func (c *Config) Clusters() []*Cluster {
	var clusters []*Cluster
	for name, cluster := range c.raw.Clusters {
		server, err := parseServer(cluster.Server)
		if err != nil {
			continue // a context that names it fails in the client as it does without us
		}
		clusters = append(clusters, &Cluster{Name: name, Server: server, config: c})
	}
	slices.SortFunc(clusters, func(a, b *Cluster) int { return strings.Compare(a.Name, b.Name) })
	return clusters
}

// Users returns the names of the kubeconfig's users, sorted.
func (c *Config) Users() []string {
	users := make([]string, 0, len(c.raw.AuthInfos))
	for name := range c.raw.AuthInfos {
		users = append(users, name)
	}
	slices.Sort(users)
	return users
}

func parseServer(server string) (*url.URL, error) {
	if server == "" {
		return nil, errors.New("no server is set")
	}
	if !strings.Contains(server, "://") {
		server = "http://" + server // what clientcmd makes of it (rest.IsConfigTransportTLS), certificates or not
	}
	u, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("server %q: want https://HOST[:PORT]", server)
	}
	return u, nil
}

// UserFor returns the user to act as where the proxy itself asks a cluster: the current context's, if it is of that
// cluster, else that of the first context, by name, which is.
func (c *Config) UserFor(cluster string) string {
	names := []string{c.Context}
	for name := range c.raw.Contexts {
		names = append(names, name)
	}
	slices.Sort(names[1:])
	for _, name := range names {
		if context := c.raw.Contexts[name]; context.Cluster == cluster {
			return context.AuthInfo
		}
	}
	return ""
}
