package gateway

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"k8s.io/client-go/rest"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// dialTLS opens a raw connection to the gateway.
func (w *world) dialTLS(change ...func(*tls.Config)) net.Conn {
	w.t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.gw.authority.PEM())
	cfg := &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
	for _, f := range change {
		f(cfg)
	}
	c, err := tls.DialWithDialer(newDialer(), "tcp", w.host(), cfg)
	must(w.t, err)
	w.t.Cleanup(func() { c.Close() })
	return c
}

// host is the address of the gateway's first socket.
func (w *world) host() string { return w.gw.doors[0].Addr().String() }

func (w *world) bearer() string { return "Bearer " + w.gw.tokens["user"] }

// raw sends a request's bytes and reads the answer's head.
func (w *world) raw(c net.Conn, text string) *http.Response {
	w.t.Helper()
	_, err := io.WriteString(c, text)
	must(w.t, err)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(w.t, err)
	return res
}

func TestPathAndQueryGoUpstreamByteForByte(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dialTLS()
	for _, uri := range []string{
		"/",
		"/api/v1/namespaces/ns/configmaps/a%2Fb",
		"/api/v1/a%2fb%41",
		"/api//v1///pods",
		"//api/v1/pods",
		"//a%2Fb/c",
		"/a/./b/../c/",
		"/a;b=c/d",
		"/a?labelSelector=x%zz&watch=0",
		"/a?x=1;y=2",
		"/a?%",
		"/a?",
		"/a??",
		"/a?b?c=/d&&e",
		"/a?q=a+b%20c%2B",
		"/a?\xc3\xa9=\xc3\xa9",
		"/caf\xc3\xa9",
		"/a%C3%A9",
		"/a^b|c\"d<e>{f}`g",
		"/a[1]!$&'()*+,;=:@~-._",
		"/a:b/c",
		"/a?redirect=https://elsewhere/x",
	} {
		res := w.raw(c, "GET "+uri+" HTTP/1.1\r\nHost: "+w.host()+"\r\nAuthorization: "+w.bearer()+"\r\n\r\n")
		io.Copy(io.Discard, res.Body)
		if res.StatusCode != 200 {
			t.Errorf("%q: %s", uri, res.Status)
			continue
		}
		if got := w.api.last(); got.URI != uri || got.Host != w.api.addr {
			t.Errorf("%q arrived as %q at %q", uri, got.URI, got.Host)
		}
		path, _, _ := strings.Cut(uri, "?")
		if all := w.rec.all(); all[len(all)-1].Path != path {
			t.Errorf("%q recorded as %q", path, all[len(all)-1].Path)
		}
	}
}

func FuzzPathAndQuery(f *testing.F) {
	f.Add("/a%2Fb", "x=%zz;y")
	f.Add("/\"é", "?")
	f.Fuzz(func(t *testing.T, path, query string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET /" + path + "?" + query + " HTTP/1.1\r\nHost: h\r\n\r\n")))
		if err != nil {
			t.Skip() // net/http refuses it before the gateway sees it
		}
		if want, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(want, "/") && rawPath(r) != want {
			t.Errorf("path %q, want %q", rawPath(r), want)
		}
	})
}

// The headers of each request must arrive as they do without the gateway, and so must those of the answer.
func TestHeadersArriveAsWithoutTheGateway(t *testing.T) {
	onEachWay(t, func(t *testing.T, mode upstream.Mode, proto func(*rest.Config)) {
		w := worldIn(t, mode, func(rw http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			h := rw.Header()
			h["Date"] = nil
			h.Add("Warning", `299 - "one"`)
			h.Add("Warning", `299 - "two"`)
			h.Add("Audit-Id", r.Header.Get("Audit-Id"))
			h.Set("Content-Encoding", "identity")
			h.Set("X-Kubernetes-Pf-Flowschema-Uid", "u")
			h["Content-Type"] = nil // not even sniffed
			io.WriteString(rw, "<html>")
		})
		for _, tt := range []struct {
			method string
			header http.Header
		}{
			{"GET", http.Header{}},
			{"GET", http.Header{"Accept-Encoding": {"gzip"}, "User-Agent": {"e2e.test/v1 -- [sig] it works"}}},
			{"POST", http.Header{"Content-Type": {"application/json"}, "Accept": {"a", "b"}, "Te": {"trailers"}}},
			{"PATCH", http.Header{
				"Content-Type": {"application/apply-patch+yaml"}, "X-Forwarded-For": {"10.0.0.1"}, "X-Forwarded-Proto": {"http"},
				"X-Forwarded-Host": {"h"}, "Forwarded": {"for=1"}, "X-Real-Ip": {"10.0.0.1"}, "Via": {"1.1 x"}, "Cookie": {"a=b; c=d"},
			}},
			{"GET", http.Header{"Impersonate-User": {"u"}, "Impersonate-Group": {"g", "h"}, "Impersonate-Extra-A": {"1", "2"}}},
		} {
			tt.header.Set("Audit-ID", "not-a-uuid")
			send := func(c *http.Client, base string) (seen, http.Header) {
				var body io.Reader
				if tt.method != "GET" {
					body = strings.NewReader("body")
				}
				r := request(t, tt.method, base+"/api/v1/pods", body)
				r.Header = tt.header.Clone()
				if _, ok := r.Header["User-Agent"]; !ok {
					r.Header["User-Agent"] = []string{""} // net/http's own is not added
				}
				res, _ := do(t, c, r)
				return w.api.last(), res.Header
			}
			wantIn, wantOut := send(w.direct(proto), w.api.url())
			gotIn, gotOut := send(w.client(proto), w.gw.Server())
			if d := cmp.Diff(wantIn.Header, gotIn.Header); d != "" {
				t.Errorf("%s %v (-direct +through the gateway):\n%s", tt.method, tt.header, d)
			}
			if d := cmp.Diff(wantOut, gotOut); d != "" {
				t.Errorf("%s: answer (-direct +through the gateway):\n%s", tt.method, d)
			}
		}
	})
}

// A Connection header takes headers away from what is forwarded; taking Impersonate-User away would make the request
// act as its sender. A header that only a front proxy may send never passes.
func TestConnectionHeaderRaisesNoPrivilege(t *testing.T) {
	w := newWorld(t, nil)
	res := w.raw(w.dialTLS(), "GET /api HTTP/1.1\r\nHost: "+w.host()+"\r\nAuthorization: "+w.bearer()+
		"\r\nImpersonate-User: low\r\nImpersonate-Group: lows\r\nX-Remote-User: root\r\nx-remote-group: system:masters\r\n"+
		"X-Remote-Extra-A: b\r\nConnection: Impersonate-User, impersonate-group, X-Remote-User, Authorization, Audit-ID\r\n\r\n")
	if res.StatusCode != 200 {
		t.Fatal(res.Status)
	}
	h := w.api.last().Header
	if h.Get("Impersonate-User") != "low" || h.Get("Impersonate-Group") != "lows" {
		t.Errorf("impersonation was lost: %v", h)
	}
	for name := range h {
		if strings.HasPrefix(name, "X-Remote-") || name == "Authorization" || name == "Connection" {
			t.Errorf("%s went upstream: %v", name, h[name])
		}
	}
}

func TestAuditIDIsSetUnlessTheClientSentOne(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	for i, id := range []string{"", "not-a-uuid", uuid.NewString()} {
		r := request(t, http.MethodGet, w.url("/version"), nil)
		if id != "" {
			r.Header.Set("Audit-ID", id)
		}
		do(t, c, r)
		got := w.api.last().Header.Get("Audit-ID")
		if id != "" && got != id {
			t.Errorf("%q arrived as %q", id, got)
		}
		if _, err := uuid.Parse(got); id == "" && err != nil {
			t.Errorf("made %q: %v", got, err)
		}
		if recorded := w.rec.all()[i].AuditID; recorded != got {
			t.Errorf("recorded %q, sent %q", recorded, got)
		}
	}
}

func TestRequestIsRecordedAsItWas(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Add("Warning", `299 - "deprecated"`)
		respond(201, "application/json", "{}")(rw, r)
	})
	r := request(t, "PATCH", w.url("/apis/apps/v1/namespaces/ns/deployments/d/scale?fieldManager=m&dryRun=All"), strings.NewReader("four"))
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"agent"}, "E2e-Test": {"the test"}, "Audit-Id": {"id"},
		"Kubectl-Command": {"kubectl apply"}, "Kubectl-Session": {"s"},
	}
	do(t, w.client(), r)
	got := w.rec.one(t, traffic.Complete)
	if got.Duration <= 0 || got.FirstByte <= 0 || got.FirstByte > got.Duration || got.Start.IsZero() {
		t.Errorf("times: %v %v %v", got.Start, got.FirstByte, got.Duration)
	}
	want := traffic.Request{
		Connection: 1, Start: got.Start, Duration: got.Duration, FirstByte: got.FirstByte, Method: "PATCH",
		Path: "/apis/apps/v1/namespaces/ns/deployments/d/scale",
		API: traffic.API{Verb: "patch", Group: "apps", Version: "v1", Resource: "deployments", Subresource: "scale",
			Namespace: "ns", Name: "d"},
		Query:  traffic.Query{FieldManager: "m", DryRun: "All"},
		Status: 201, BytesIn: 4, BytesOut: 2, RequestContentType: "application/json", ResponseContentType: "application/json",
		Warnings: []string{`299 - "deprecated"`}, AuditID: "id", Attribution: traffic.Attribution{Test: "the test", Source: traffic.SourceHeader},
		Client: traffic.Client{UserAgent: "agent", TestHeader: "the test", KubectlCommand: "kubectl apply", KubectlSession: "s",
			Credential: traffic.CredentialRun},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("recorded (-want +got):\n%s", d)
	}
	if c := w.rec.connections[0]; c.Protocol != "h2" || !strings.HasPrefix(c.Remote, "127.0.0.1:") || c.Opened.IsZero() {
		t.Errorf("connection: %+v", c)
	}
}

func TestConnectionIsRecordedWithItsProtocol(t *testing.T) {
	w := newWorld(t, nil)
	w.get(w.client(), "/version")
	w.get(w.client(h1), "/version")
	var protocols []string
	for _, c := range w.rec.connections {
		protocols = append(protocols, c.Protocol)
	}
	if got := fmt.Sprint(protocols); got != "[h2 http/1.1]" {
		t.Errorf("protocols %s", got)
	}
}
