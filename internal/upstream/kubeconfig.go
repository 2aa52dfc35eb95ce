package upstream

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"

	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/tools/clientcmd/api/latest"
	clientcmdv1 "k8s.io/client-go/tools/clientcmd/api/v1"
)

// Kubeconfig is what a kubeconfig template can use. It can be stored as JSON; it holds the run's credentials, and in
// proxy-url mode the original ones.
type Kubeconfig struct {
	Mode           Mode                `json:"mode"`
	CurrentContext string              `json:"currentContext"`
	CAData         string              `json:"caData"`
	Clusters       []KubeconfigCluster `json:"clusters"`
	Users          []KubeconfigUser    `json:"users"`
	Contexts       []KubeconfigContext `json:"contexts"`
}

type KubeconfigCluster struct {
	Name, Server, ProxyURL string
	DisableCompression     bool
}

type KubeconfigUser struct {
	Name, Token string
	Original    json.RawMessage
}

type KubeconfigContext struct{ Name, Cluster, User, Namespace string }

// Mode says how clients reach the proxy.
type Mode string

const (
	ModeServer   Mode = "server"    // server: names the proxy
	ModeProxyURL Mode = "proxy-url" // proxy-url: names the proxy, server: and user stay
)

// Endpoints is what the proxy knows about itself when it listens.
type Endpoints struct {
	Mode     Mode
	CA       []byte            // PEM
	Servers  map[string]string // the URL that clients use for each cluster name
	ProxyURL string            // ModeProxyURL
	Tokens   map[string]string // the run's credential for each user name; ModeServer
}

// Kubeconfig describes the kubeconfig with which clients come to the proxy: the contexts, users and namespaces of the
// original, with the proxy in the way of each cluster.
func (c *Config) Kubeconfig(e Endpoints) (*Kubeconfig, error) {
	k := &Kubeconfig{Mode: e.Mode, CurrentContext: c.Context, CAData: base64.StdEncoding.EncodeToString(e.CA)}
	for _, cluster := range c.Clusters() {
		kc := KubeconfigCluster{
			Name: cluster.Name, Server: e.Servers[cluster.Name], ProxyURL: e.ProxyURL,
			DisableCompression: c.raw.Clusters[cluster.Name].DisableCompression,
		}
		k.Clusters = append(k.Clusters, kc)
	}
	for _, name := range c.Users() {
		user := KubeconfigUser{Name: name, Token: e.Tokens[name]}
		if e.Mode == ModeProxyURL {
			original, err := externalUser(c.raw.AuthInfos[name])
			if err != nil {
				return nil, fmt.Errorf("user %q: %w", name, err)
			}
			user.Original = original
		}
		k.Users = append(k.Users, user)
	}
	for name, context := range c.raw.Contexts {
		k.Contexts = append(k.Contexts, KubeconfigContext{name, context.Cluster, context.AuthInfo, context.Namespace})
	}
	slices.SortFunc(k.Contexts, func(a, b KubeconfigContext) int { return strings.Compare(a.Name, b.Name) })
	return k, nil
}

// externalUser writes a user as a kubeconfig file does.
func externalUser(user *api.AuthInfo) (json.RawMessage, error) {
	var out clientcmdv1.AuthInfo
	if err := latest.Scheme.Convert(user, &out, nil); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// Render writes the kubeconfig through a text/template that has one function more, json.
func (k *Kubeconfig) Render(w io.Writer, text string) error {
	t, err := template.New("kubeconfig").Funcs(template.FuncMap{"json": toJSON}).Parse(text)
	if err != nil {
		return fmt.Errorf("kubeconfig template: %w", err)
	}
	if err := t.Execute(w, k); err != nil {
		return fmt.Errorf("kubeconfig template: %w", err)
	}
	return nil
}

// toJSON writes JSON that is YAML, too, which allows fewer characters to stand for themselves (YAML 1.2, section 5.1).
func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	var out strings.Builder
	for _, r := range string(b) {
		if 0x7f <= r && r <= 0x9f || 0xfdd0 <= r && r <= 0xffff {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String(), err
}
