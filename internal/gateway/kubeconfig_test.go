package gateway

import (
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd/api"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// use returns a client of another context of the rendered kubeconfig, and the URL that it names.
func (w *world) use(context string) (*http.Client, string) {
	w.t.Helper()
	c := w.rendered.DeepCopy()
	c.CurrentContext = context
	cfg := config(w.t, c)
	return httpClient(w.t, cfg), cfg.Host
}

func TestEveryContextWorks(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		one, two := newAPIServer(t, nil), newAPIServer(t, nil)
		w := setup{mode: mode, change: func(c *api.Config, _ *api.Cluster) {
			c.Clusters["two"] = &api.Cluster{Server: two.url(), CertificateAuthorityData: two.ca.pem}
			c.Clusters["no server"] = &api.Cluster{}
			c.AuthInfos["second"] = &api.AuthInfo{Token: "second-token"}
			c.Contexts["arn:aws:eks:eu:1:cluster/\"two\""] = &api.Context{Cluster: "two", AuthInfo: "second", Namespace: "n2"}
			c.Contexts["mixed ünicode"] = &api.Context{Cluster: "fake", AuthInfo: "second"}
			c.Contexts["nobody"] = &api.Context{Cluster: "two"}
		}}.run(t, one)
		for context, want := range map[string]struct {
			api *apiServer
			arrived
		}{
			"ctx":                              {one, arrived{Cert: "admin"}},
			"arn:aws:eks:eu:1:cluster/\"two\"": {two, arrived{Authorization: "Bearer second-token"}},
			"mixed ünicode":                    {one, arrived{Authorization: "Bearer second-token"}},
			"nobody":                           {two, arrived{}},
		} {
			c, url := w.use(context)
			before := len(want.api.requests())
			if res, body := do(t, c, request(t, http.MethodGet, url+"/version", nil)); res.StatusCode != 200 {
				t.Errorf("%s: %s %s", context, res.Status, body)
			}
			if len(want.api.requests()) != before+1 {
				t.Fatalf("%s: went elsewhere", context)
			}
			if d := cmp.Diff(want.arrived, identityOf(want.api.last())); d != "" {
				t.Errorf("%s (-want +arrived):\n%s", context, d)
			}
		}
	})
}

func TestRenderedKubeconfigKeepsNames(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		w := setup{mode: mode, change: func(c *api.Config, cluster *api.Cluster) {
			cluster.DisableCompression = true
			for _, name := range []string{`quote " and '`, "arn:aws:eks:x/y", "ünï ☸", "- a: b # c", "{{.}}", "<&>", "true", "1"} {
				c.Clusters[name] = cluster
				c.AuthInfos[name] = &api.AuthInfo{Token: "t " + name}
				c.Contexts[name] = &api.Context{Cluster: name, AuthInfo: name, Namespace: "ns"}
			}
			c.CurrentContext = `quote " and '`
		}}.run(t, newAPIServer(t, nil))
		if w.rendered.CurrentContext != w.original.CurrentContext {
			t.Errorf("current context %q", w.rendered.CurrentContext)
		}
		for name, want := range w.original.Contexts {
			got := w.rendered.Contexts[name]
			if got == nil || got.Cluster != want.Cluster || got.AuthInfo != want.AuthInfo || got.Namespace != want.Namespace {
				t.Errorf("context %q: %+v", name, got)
				continue
			}
			cluster, user := w.rendered.Clusters[got.Cluster], w.rendered.AuthInfos[got.AuthInfo]
			if cluster == nil || user == nil || !cluster.DisableCompression || len(cluster.CertificateAuthorityData) == 0 {
				t.Fatalf("context %q: cluster %+v, user %+v", name, cluster, user)
			}
			original := w.original.AuthInfos[want.AuthInfo]
			if mode == upstream.ModeProxyURL {
				if cluster.Server != w.api.url() || !strings.Contains(cluster.ProxyURL, w.host()) || user.Token != original.Token {
					t.Errorf("context %q: %+v %+v", name, cluster, user)
				}
			} else if !strings.HasPrefix(cluster.Server, "https://127.0.0.1:") || user.Token == original.Token ||
				len(user.ClientKeyData) > 0 || cluster.ProxyURL != "" {
				t.Errorf("context %q: %+v %+v", name, cluster, user)
			}
		}
	})
}

// Several clusters may live at one address (Rancher), told apart by the path.
func TestBasePath(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		a := newAPIServer(t, nil)
		w := setup{mode: mode, change: func(c *api.Config, cluster *api.Cluster) {
			cluster.Server += "/k8s/clusters/c-1/"
			other := *cluster
			other.Server = a.url() + "/k8s/clusters/c-1%202"
			c.Clusters["another"] = &other
			c.Contexts["another"] = &api.Context{Cluster: "another", AuthInfo: "user"}
		}}.run(t, a)
		for context, base := range map[string]string{"ctx": "/k8s/clusters/c-1", "another": "/k8s/clusters/c-1%202"} {
			rows := len(w.rec.all())
			c, url := w.use(context)
			do(t, c, request(t, http.MethodGet, strings.TrimSuffix(url, "/")+"/api/v1/namespaces/ns/pods/p", nil))
			if got := a.last().URI; got != base+"/api/v1/namespaces/ns/pods/p" {
				t.Errorf("%s: arrived as %q", context, got)
			}
			if q := w.rec.wait(t, rows+1)[rows]; q.API.Resource != "pods" || q.API.Name != "p" || q.Path != a.last().URI {
				t.Errorf("%s: recorded %q %+v", context, q.Path, q.API)
			}
		}
	})
}

func TestWaysToTheAPIServer(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *apiServer) func(*api.Config, *api.Cluster){
		"tls-server-name": func(t *testing.T, a *apiServer) func(*api.Config, *api.Cluster) {
			a.cert = a.ca.issue(func(c *x509.Certificate) { c.DNSNames = []string{"elsewhere"} })
			return func(_ *api.Config, cluster *api.Cluster) { cluster.TLSServerName = "elsewhere" }
		},
		"insecure-skip-tls-verify": func(t *testing.T, a *apiServer) func(*api.Config, *api.Cluster) {
			return func(_ *api.Config, cluster *api.Cluster) {
				cluster.InsecureSkipTLSVerify, cluster.CertificateAuthorityData = true, nil
			}
		},
		"http": func(t *testing.T, a *apiServer) func(*api.Config, *api.Cluster) {
			a.plain = true
			return func(_ *api.Config, cluster *api.Cluster) { cluster.CertificateAuthorityData = nil }
		},
		"server without scheme": func(t *testing.T, a *apiServer) func(*api.Config, *api.Cluster) {
			a.plain = true
			return func(_ *api.Config, cluster *api.Cluster) {
				cluster.Server, cluster.CertificateAuthorityData = strings.TrimPrefix(cluster.Server, "http://"), nil
			}
		},
		"certificate files": func(t *testing.T, a *apiServer) func(*api.Config, *api.Cluster) {
			return func(c *api.Config, cluster *api.Cluster) {
				cluster.CertificateAuthority = writeFile(t, "ca.pem", string(a.ca.pem), 0o600)
				user := c.AuthInfos["user"]
				user.ClientCertificate = writeFile(t, "cert.pem", string(user.ClientCertificateData), 0o600)
				user.ClientKey = writeFile(t, "key.pem", string(user.ClientKeyData), 0o600)
				user.ClientCertificateData, user.ClientKeyData, cluster.CertificateAuthorityData = nil, nil, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBothModes(t, func(t *testing.T, mode upstream.Mode) {
				a := unstarted(t, nil)
				change := prepare(t, a)
				a.start()
				w := setup{mode: mode, change: change}.run(t, a)
				t.Cleanup(func() {
					if t.Failed() {
						t.Logf("recorded %+v", w.rec.all())
					}
				})
				c, base := w.use("ctx")
				if res, body := do(t, c, request(t, http.MethodGet, base+"/x", nil)); string(body) != "ok" {
					t.Errorf("%s %s", res.Status, body)
				}
				if want := map[bool]string{true: "", false: "admin"}[a.plain]; a.last().Cert != want {
					t.Errorf("certificate of %q arrived, want %q", a.last().Cert, want)
				}
			})
		})
	}
}

// tunnel is a forward proxy that counts its CONNECTs.
func tunnel(t *testing.T, count *atomic.Int64) string {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		count.Add(1)
		up, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
		rw.WriteHeader(200)
		c, early, _ := http.NewResponseController(rw).Hijack()
		go func() { io.Copy(up, early); up.Close() }()
		io.Copy(c, up)
		c.Close()
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestUpstreamProxyIsUsed(t *testing.T) {
	var count atomic.Int64
	a := newAPIServer(t, nil)
	proxy := tunnel(t, &count)
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		before := count.Load()
		w := setup{mode: mode, change: func(_ *api.Config, cluster *api.Cluster) { cluster.ProxyURL = proxy }}.run(t, a)
		w.get(w.client(), "/x")
		if count.Load() == before {
			t.Error("the kubeconfig's proxy was not asked")
		}
	})
}

func TestUpstreamProxyThatIsDownIsNamed(t *testing.T) {
	w := setup{change: func(_ *api.Config, cluster *api.Cluster) { cluster.ProxyURL = "http://127.0.0.1:1" }}.run(t, newAPIServer(t, nil))
	if _, err := w.client().Do(request(t, http.MethodPost, w.url("/x"), nil)); !isBroken(err) {
		t.Errorf("client: %v", err)
	}
	if q := w.rec.one(t, traffic.UpstreamUnreachable); !strings.Contains(q.Error, "127.0.0.1:1") {
		t.Errorf("recorded %q", q.Error)
	}
}
