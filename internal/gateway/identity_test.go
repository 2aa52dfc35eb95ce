package gateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// arrived is what the API server sees of who sent a request.
type arrived struct {
	Cert, Authorization string
	Impersonate         []string
}

func identityOf(s seen) arrived {
	a := arrived{Cert: s.Cert, Authorization: s.Header.Get("Authorization")}
	for _, name := range []string{"Impersonate-User", "Impersonate-Group", "Impersonate-Uid"} {
		for _, value := range s.Header[name] {
			a.Impersonate = append(a.Impersonate, strings.TrimPrefix(name, "Impersonate-")+"="+value)
		}
	}
	return a
}

// execPlugin is a user whose credential a program prints.
func execPlugin(t *testing.T, status map[string]string) *api.AuthInfo {
	credential, err := json.Marshal(map[string]any{
		"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": status,
	})
	must(t, err)
	output := writeFile(t, "credential.json", string(credential), 0o600)
	return &api.AuthInfo{Exec: &api.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: "cat", Args: []string{output},
		InteractiveMode: api.NeverExecInteractiveMode,
	}}
}

// upstreamUsers are the ways in which a kubeconfig's user may be written, and what the API server sees of each.
func upstreamUsers(t *testing.T, clients *pki) map[string]struct {
	user *api.AuthInfo
	run  arrived
} {
	admin := clients.client("admin", "system:masters")
	tokenFile := writeFile(t, "token", "file-token\n", 0o600)
	return map[string]struct {
		user *api.AuthInfo
		run  arrived
	}{
		"client certificate": {&api.AuthInfo{ClientCertificateData: admin.cert, ClientKeyData: admin.key}, arrived{Cert: "admin"}},
		"token":              {&api.AuthInfo{Token: "user-token"}, arrived{Authorization: "Bearer user-token"}},
		"token file":         {&api.AuthInfo{TokenFile: tokenFile}, arrived{Authorization: "Bearer file-token"}},
		"basic":              {&api.AuthInfo{Username: "u", Password: "p"}, arrived{Authorization: "Basic dTpw"}},
		"exec token":         {execPlugin(t, map[string]string{"token": "exec-token"}), arrived{Authorization: "Bearer exec-token"}},
		"exec certificate": {execPlugin(t, map[string]string{
			"clientCertificateData": string(admin.cert), "clientKeyData": string(admin.key)}), arrived{Cert: "admin"}},
	}
}

// caller is one way for a client to say who it is.
type caller struct {
	name   string
	change func(*rest.Config)
	header http.Header
	// what arrives for an upstream user's own arrival; nil: the request is refused with code
	want       func(run arrived) arrived
	code       int
	credential traffic.Credential
}

func withCert(p pair) func(*rest.Config) {
	return func(c *rest.Config) {
		anonymous(c)
		c.CertData, c.KeyData = p.cert, p.key
	}
}

func callers(clients *pki, foreign pair) []caller {
	run := func(*rest.Config) {}
	other := http.Header{"Authorization": {"Bearer sa-token"}}
	low := http.Header{"Impersonate-User": {"low"}, "Impersonate-Group": {"lows"}}
	lows := []string{"User=low", "Group=lows"}
	asJane := func(run arrived) arrived {
		return arrived{run.Cert, run.Authorization, []string{"User=jane", "Group=dev", "Group=ops"}}
	}
	jane := clients.client("jane", "dev", "ops")
	both := func(a, b http.Header) http.Header {
		h := a.Clone()
		for k, v := range b {
			h[k] = v
		}
		return h
	}
	same := func(run arrived) arrived { return run }
	only := func(a arrived) func(arrived) arrived { return func(arrived) arrived { return a } }
	return []caller{
		{"run credential", run, nil, same, 0, traffic.CredentialRun},
		{"run credential, impersonating", run, low,
			func(a arrived) arrived { return arrived{a.Cert, a.Authorization, lows} }, 0, traffic.CredentialRun},
		{"other bearer", anonymous, other, only(arrived{Authorization: "Bearer sa-token"}), 0, traffic.CredentialOther},
		{"other bearer, impersonating", anonymous, both(other, low),
			only(arrived{Authorization: "Bearer sa-token", Impersonate: lows}), 0, traffic.CredentialOther},
		{"basic", anonymous, http.Header{"Authorization": {"Basic eDp5"}},
			only(arrived{Authorization: "Basic eDp5"}), 0, traffic.CredentialOther},
		{"nothing", anonymous, nil, only(arrived{}), 0, traffic.CredentialNone},
		{"nothing, impersonating", anonymous, low, only(arrived{Impersonate: lows}), 0, traffic.CredentialNone},
		{"certificate", withCert(jane), nil, asJane, 0, traffic.CredentialCertificate},
		{"certificate without group", withCert(clients.client("jane")), nil, func(run arrived) arrived {
			return arrived{run.Cert, run.Authorization, []string{"User=jane", "Group=system:authenticated"}}
		}, 0, traffic.CredentialCertificate},
		{"certificate and bearer", withCert(jane), other, asJane, 0, traffic.CredentialCertificate},
		{"certificate, impersonating", withCert(jane), low, nil, http.StatusForbidden, 0},
		{"foreign certificate", withCert(foreign), nil, nil, http.StatusUnauthorized, 0},
		{"foreign certificate and bearer", withCert(foreign), other,
			only(arrived{Authorization: "Bearer sa-token"}), 0, traffic.CredentialOther},
		{"certificate without a name", withCert(clients.client("")), nil, only(arrived{}), 0, traffic.CredentialNone},
	}
}

func TestIdentityThatArrives(t *testing.T) {
	a := newAPIServer(t, nil)
	foreign := newPKI(t, "foreign CA").client("admin", "system:masters")
	for name, user := range upstreamUsers(t, a.clients) {
		for _, proto := range []string{"h1", "h2"} {
			t.Run(name+"/"+proto, func(t *testing.T) {
				w := setup{user: user.user}.run(t, a)
				for _, c := range callers(a.clients, foreign) {
					t.Run(c.name, func(t *testing.T) { checkIdentity(t, w, c, user.run, proto) })
				}
			})
		}
	}
}

func checkIdentity(t *testing.T, w *world, c caller, run arrived, proto string) {
	before, rows := len(w.api.requests()), len(w.rec.all())
	change := []func(*rest.Config){c.change}
	if proto == "h1" {
		change = append(change, h1)
	}
	r := request(t, http.MethodGet, w.url("/x"), nil)
	if c.header != nil {
		r.Header = c.header.Clone()
	}
	res, body := do(t, httpClient(t, config(t, w.rendered, change...)), r)
	q := w.rec.wait(t, rows+1)[rows]
	if c.want == nil {
		if res.StatusCode != c.code || len(w.api.requests()) != before || q.Outcome != traffic.Refused || q.Status != c.code {
			t.Errorf("%s %s, %d requests upstream, recorded %v; want %d", res.Status, body, len(w.api.requests())-before, q.Outcome, c.code)
		}
		return
	}
	if res.StatusCode != 200 {
		t.Fatalf("%s %s", res.Status, body)
	}
	if d := cmp.Diff(c.want(run), identityOf(w.api.last())); d != "" {
		t.Errorf("(-want +arrived):\n%s", d)
	}
	if q.Client.Credential != c.credential {
		t.Errorf("recorded credential %v, want %v", q.Client.Credential, c.credential)
	}
}

// In proxy-url mode clients keep their own credentials, and the API server must see the same as without the gateway.
func TestIdentityInProxyURLModeIsTheOriginal(t *testing.T) {
	a := newAPIServer(t, nil)
	for name, user := range upstreamUsers(t, a.clients) {
		t.Run(name, func(t *testing.T) {
			w := setup{mode: upstream.ModeProxyURL, user: user.user}.run(t, a)
			w.get(w.client(), "/x")
			want := user.run
			if name == "exec certificate" { // not in the kubeconfig, so its owner is impersonated by itself
				want.Impersonate = []string{"User=admin", "Group=system:masters"}
			}
			if d := cmp.Diff(want, identityOf(a.last())); d != "" {
				t.Errorf("(-want +arrived):\n%s", d)
			}
		})
	}
}

// A kubeconfig's user may be told to impersonate ("as"). In proxy-url mode its client says so itself; a second user
// with the same certificate does not.
func TestUserThatImpersonates(t *testing.T) {
	a := newAPIServer(t, nil)
	admin := a.clients.client("admin")
	plain := api.AuthInfo{ClientCertificateData: admin.cert, ClientKeyData: admin.key}
	as := plain
	as.Impersonate = "low"
	both := func(c *api.Config, _ *api.Cluster) {
		c.AuthInfos = map[string]*api.AuthInfo{"user": &plain, "as": &as, "a": &as}
		c.Contexts["as"] = &api.Context{Cluster: "fake", AuthInfo: "as"}
	}
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		w := setup{mode: mode, change: both}.run(t, a)
		for context, want := range map[string]arrived{
			"ctx": {Cert: "admin"}, "as": {Cert: "admin", Impersonate: []string{"User=low"}},
		} {
			rendered := w.rendered.DeepCopy()
			rendered.CurrentContext = context
			do(t, httpClient(t, config(t, rendered)), request(t, http.MethodGet, w.url("/x"), nil))
			if d := cmp.Diff(want, identityOf(a.last())); d != "" {
				t.Errorf("context %s (-want +arrived):\n%s", context, d)
			}
		}
	})
}

func TestTokenFileMayRotate(t *testing.T) {
	a := newAPIServer(t, nil)
	path := writeFile(t, "token", "first", 0o600)
	w := setup{user: &api.AuthInfo{TokenFile: path}}.run(t, a)
	w.get(w.client(), "/x")
	if got := a.last().Header.Get("Authorization"); got != "Bearer first" {
		t.Errorf("sent %q", got)
	}
	// client-go reads the file again after a while that it does not let us choose, so that is all there is to see
}

// An exec plugin that fails would have failed in the client, with a message.
func TestFailingExecPluginIsSaid(t *testing.T) {
	a := newAPIServer(t, nil)
	user := execPlugin(t, nil)
	user.Exec.Command = "false"
	w := setup{user: user}.run(t, a)
	res, body := w.get(w.client(), "/x")
	if res.StatusCode != 500 || !strings.Contains(string(body), "getting credentials") {
		t.Errorf("%s %s", res.Status, body)
	}
	w.rec.one(t, traffic.Refused)
}

// The run's credential is a bearer token and nothing else. In another place it would be forwarded.
func TestRunTokenIsNeverForwarded(t *testing.T) {
	w := newWorld(t, nil)
	token := w.gw.tokens["user"]
	protocol := "base64url.bearer.authorization.k8s.io." + base64.RawURLEncoding.EncodeToString([]byte(token))
	for _, tt := range []struct {
		name, value string
		want        int
		credential  traffic.Credential
	}{
		{"Authorization", "Bearer " + token, 200, traffic.CredentialRun},
		{"Authorization", "bearer  " + token + " ", 200, traffic.CredentialRun},
		{"Authorization", "BEARER " + token, 200, traffic.CredentialRun},
		{"Authorization", "Basic " + token, 401, 0},
		{"Authorization", token, 401, 0},
		{"Authorization", "Bearer x " + token, 401, 0},
		{"Sec-WebSocket-Protocol", "v5.channel.k8s.io, " + protocol, 401, 0},
		{"Authorization", "Bearer", 200, traffic.CredentialOther},
		{"Authorization", "Bearer " + token[1:], 200, traffic.CredentialOther},
	} {
		rows := len(w.rec.all())
		r := request(t, http.MethodGet, w.url("/x"), nil)
		r.Header.Set(tt.name, tt.value)
		res, _ := do(t, w.client(anonymous), r)
		q := w.rec.wait(t, rows+1)[rows]
		if res.StatusCode != tt.want || q.Client.Credential != tt.credential {
			t.Errorf("%s %q: %d as %v, want %d as %v", tt.name, tt.value, res.StatusCode, q.Client.Credential, tt.want, tt.credential)
		}
	}
	for _, s := range w.api.requests() {
		if text := fmt.Sprint(s); strings.Contains(text, token) || strings.Contains(text, protocol) {
			t.Errorf("the run's token reached the API server: %s", text)
		}
	}
}

// Where the client CA cannot be read, nobody knows whether a certificate is good: that is not the client's fault.
func TestCertificateThatCannotBeVerified(t *testing.T) {
	a := newAPIServer(t, nil)
	jane := a.clients.client("jane")
	w := setup{user: &api.AuthInfo{Token: "may-not-read"}}.run(t, a)
	a.mu.Lock()
	a.hideCA = true
	a.mu.Unlock()
	res, body := w.get(w.client(withCert(jane)), "/x")
	if res.StatusCode != 500 || !strings.Contains(string(body), `user \"user\"`) || !strings.Contains(string(body), "403") {
		t.Errorf("%s %s", res.Status, body)
	}
	a.kill()
	if _, err := w.client(withCert(jane)).Do(request(t, http.MethodPost, w.url("/x"), nil)); !isBroken(err) {
		t.Errorf("while the API server is down: %v", err)
	}
	if q := w.rec.wait(t, 2)[1]; q.Outcome != traffic.UpstreamUnreachable {
		t.Errorf("recorded %v %q", q.Outcome, q.Error)
	}
	if n := len(a.requests()); n != 0 {
		t.Errorf("%d requests were forwarded", n)
	}
}

func FuzzTokenUser(f *testing.F) {
	c := credentials{tokens: map[[32]byte]string{hashOf("secret"): "user"}}
	f.Add("Bearer secret")
	f.Add("Bearer  secret x")
	f.Fuzz(func(t *testing.T, header string) {
		_, ok := c.tokenUser(header)
		scheme, token, _ := strings.Cut(header, " ")
		if ok != (strings.EqualFold(scheme, "bearer") && strings.TrimSpace(token) == "secret") {
			t.Errorf("%q: %v", header, ok)
		}
	})
}
