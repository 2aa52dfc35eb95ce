package gateway

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"e2etap"
	"e2etap/internal/peer"
	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// world is a fake API server, a gateway in front of it and what both leave behind.
type world struct {
	t        *testing.T
	api      *apiServer
	gw       *Gateway
	rec      *memory
	log      *syncBuffer
	original *api.Config // the kubeconfig of the API server,
	rendered *api.Config // and the gateway's

	cancel context.CancelFunc
	ended  chan error // what Run returned
}

// setup is what a test may choose.
type setup struct {
	mode   upstream.Mode
	user   *api.AuthInfo                   // nil: the client certificate of "admin"
	change func(*api.Config, *api.Cluster) // of the original kubeconfig
	listen string
	// attribute is Config.Attribute; nil: byHeader
	attribute func(*traffic.Request, *traffic.Process) string
}

var modes = []upstream.Mode{upstream.ModeServer, upstream.ModeProxyURL}

// inBothModes runs a test for each way into the gateway.
func inBothModes(t *testing.T, f func(*testing.T, upstream.Mode)) {
	for _, mode := range modes {
		t.Run(string(mode), func(t *testing.T) { f(t, mode) })
	}
}

// newWorld starts a gateway in server mode in front of an API server with this handler.
func newWorld(t *testing.T, handle http.HandlerFunc) *world {
	t.Helper()
	return setup{}.run(t, newAPIServer(t, handle))
}

func worldIn(t *testing.T, mode upstream.Mode, handle http.HandlerFunc) *world {
	t.Helper()
	return setup{mode: mode}.run(t, newAPIServer(t, handle))
}

// kubeconfig describes the API server with one context, "ctx".
func (s setup) kubeconfig(a *apiServer) *api.Config {
	c := api.NewConfig()
	cluster := &api.Cluster{Server: a.url(), CertificateAuthorityData: a.ca.pem}
	c.Clusters["fake"] = cluster
	user := s.user
	if user == nil {
		admin := a.clients.client("admin", "system:masters")
		user = &api.AuthInfo{ClientCertificateData: admin.cert, ClientKeyData: admin.key}
	}
	c.AuthInfos["user"] = user
	c.Contexts["ctx"] = &api.Context{Cluster: "fake", AuthInfo: "user", Namespace: "ns"}
	c.CurrentContext = "ctx"
	if s.change != nil {
		s.change(c, cluster)
	}
	return c
}

func (s setup) run(t *testing.T, a *apiServer) *world {
	t.Helper()
	w := &world{t: t, api: a, rec: &memory{}, log: &syncBuffer{}, ended: make(chan error, 1)}
	w.original = s.kubeconfig(a)
	path := filepath.Join(t.TempDir(), "config")
	must(t, clientcmd.WriteToFile(*w.original, path))
	up, err := upstream.Load(path, "")
	must(t, err)
	if s.mode == "" {
		s.mode = upstream.ModeServer
	}
	if s.attribute == nil {
		s.attribute = byHeader
	}
	if s.listen == "" {
		s.listen = "127.0.0.1:0"
	}
	w.gw, err = New(Config{
		Upstream: up, Mode: s.mode, Listen: s.listen, Recorder: w.rec,
		Peers:     peer.NewFinder(),
		Attribute: s.attribute,
		Log:       zerolog.New(w.log).Level(zerolog.TraceLevel),
	})
	must(t, err)
	w.rendered = w.render()
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go func() { w.ended <- w.gw.Run(ctx) }()
	t.Cleanup(func() {
		w.stop()
		eventually(t, "no connection to the API server is left", func() bool {
			for _, t := range w.gw.targets {
				t.closeIdle() // again: a stream that was broken off takes a moment to end
			}
			return a.conns.Load() == 0
		})
	})
	return w
}

// byHeader attributes a request to the test that its header names.
func byHeader(q *traffic.Request, _ *traffic.Process) string {
	q.Test, q.Source = q.Client.TestHeader, traffic.SourceHeader
	return q.Client.UserAgent
}

func (w *world) render() *api.Config {
	w.t.Helper()
	k, err := w.gw.Kubeconfig()
	must(w.t, err)
	var text bytes.Buffer
	must(w.t, k.Render(&text, e2etap.KubeconfigTemplate))
	c, err := clientcmd.Load(text.Bytes())
	if err != nil {
		w.t.Fatalf("%v in\n%s", err, text.String())
	}
	return c
}

// stop ends the gateway and checks that nothing of it is left. It returns how long that took.
func (w *world) stop() time.Duration {
	w.t.Helper()
	start := time.Now()
	w.cancel()
	select {
	case err := <-w.ended:
		if err != nil {
			w.t.Errorf("Run: %v", err)
		}
		w.ended <- nil // for the next call
	case <-time.After(hang):
		w.t.Fatalf("Run did not return:\n%s", stacks(""))
	}
	took := time.Since(start)
	eventually(w.t, "no goroutine of the gateway is left", func() bool { return stacks("(*Gateway)") == "" })
	eventually(w.t, "no goroutine of the reverse proxy is left", func() bool { return stacks("httputil.") == "" })
	if open := w.rec.open(); len(open) > 0 {
		w.t.Errorf("Run returned with requests that were started and not finished: %+v", open)
	}
	return took
}

// stacks returns the goroutines whose stack contains a text.
func stacks(text string) string {
	b := make([]byte, 4<<20)
	b = b[:runtime.Stack(b, true)]
	var found []string
	for _, s := range strings.Split(string(b), "\n\n") {
		if strings.Contains(s, text) {
			found = append(found, s)
		}
	}
	return strings.Join(found, "\n\n")
}

// config is client-go's configuration from a kubeconfig; change may have a look at it.
func config(t *testing.T, c *api.Config, change ...func(*rest.Config)) *rest.Config {
	t.Helper()
	cfg, err := clientcmd.NewDefaultClientConfig(*c, &clientcmd.ConfigOverrides{}).ClientConfig()
	must(t, err)
	cfg.Dial = newDialer().DialContext // of its own: connections are not shared between tests
	for _, f := range change {
		f(cfg)
	}
	return cfg
}

func h1(c *rest.Config) { c.NextProtos = []string{"http/1.1"} }

// anonymous takes the kubeconfig's own credentials away.
func anonymous(c *rest.Config) { *c = *rest.AnonymousClientConfig(c) }

// client comes through the gateway with what the rendered kubeconfig says.
func (w *world) client(change ...func(*rest.Config)) *http.Client {
	w.t.Helper()
	return httpClient(w.t, config(w.t, w.rendered, change...))
}

// direct goes to the API server with the original kubeconfig.
func (w *world) direct(change ...func(*rest.Config)) *http.Client {
	w.t.Helper()
	return httpClient(w.t, config(w.t, w.original, change...))
}

func httpClient(t *testing.T, cfg *rest.Config) *http.Client {
	t.Helper()
	cfg.DisableCompression = true // what a test does not ask for is not added
	transport, err := rest.TransportFor(cfg)
	must(t, err)
	c := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	t.Cleanup(func() { utilnet.CloseIdleConnectionsFor(transport) })
	return c
}

// url is a URL of the gateway's, or in proxy-url mode the API server's.
func (w *world) url(path string) string { return w.gw.Server() + path }

// do sends a request and reads the answer to its end.
func do(t *testing.T, c *http.Client, r *http.Request) (*http.Response, []byte) {
	t.Helper()
	res, err := c.Do(r)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return res, body
}

func request(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	must(t, err)
	return r
}

func (w *world) get(c *http.Client, path string) (*http.Response, []byte) {
	w.t.Helper()
	return do(w.t, c, request(w.t, http.MethodGet, w.url(path), nil))
}

// syncBuffer takes a log from several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func writeFile(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), mode))
	return path
}
