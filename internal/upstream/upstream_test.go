package upstream

import (
	"crypto/sha256"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const head = "apiVersion: v1\nkind: Config\n"

const whole = head + `
current-context: one
clusters:
- {name: a, cluster: {server: "https://a.example:6443/base"}}
- {name: b, cluster: {server: "https://b.example"}}
- {name: none, cluster: {}}
- {name: odd, cluster: {server: "ftp://x"}}
contexts:
- {name: one, context: {cluster: a, user: alice, namespace: space}}
- {name: two, context: {cluster: b, user: bob}}
- {name: three, context: {cluster: b, user: alice}}
- {name: anonymous, context: {cluster: b}}
- {name: dangling, context: {cluster: gone, user: bob}}
- {name: serverless, context: {cluster: none, user: bob}}
- {name: ftp, context: {cluster: odd, user: bob}}
users:
- {name: alice, user: {token: secret-a}}
- {name: bob, user: {tokenFile: tokens/bob}}
`

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	for _, context := range []string{"", "one", "two", "anonymous"} {
		c, err := Load(file(t, whole), context)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{c.Context, c.Current().Name, c.Current().Server.String(), c.CurrentUser()}
		want := map[string][]string{
			"":          {"one", "a", "https://a.example:6443/base", "alice"},
			"one":       {"one", "a", "https://a.example:6443/base", "alice"},
			"two":       {"two", "b", "https://b.example", "bob"},
			"anonymous": {"anonymous", "b", "https://b.example", ""},
		}[context]
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", context, d)
		}
		var names []string
		for _, cluster := range c.Clusters() {
			names = append(names, cluster.Name)
		}
		if d := cmp.Diff([]string{"a", "b"}, names); d != "" {
			t.Errorf("clusters (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"alice", "bob"}, c.Users()); d != "" {
			t.Errorf("users (-want +got):\n%s", d)
		}
	}
}

// An error names the value that is wrong, and what there is instead.
func TestLoadErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		text, context string
		want          []string
	}{
		"no such context": {whole, "four", []string{`"four"`, `"one"`, `"two"`}},
		"no current context": {strings.Replace(whole, "current-context: one", "", 1), "",
			[]string{"no current context", `"one"`, "--context"}},
		"no such cluster":    {whole, "dangling", []string{`"dangling"`, `"gone"`}},
		"no server":          {whole, "serverless", []string{`"none"`, "no server"}},
		"odd server":         {whole, "ftp", []string{`"odd"`, `"ftp://x"`, "https://"}},
		"empty file":         {"", "", []string{"config", "no context"}},
		"not a file of ours": {"kind: Pod\napiVersion: v1\n", "", []string{"config"}},
		"not YAML":           {"\t{", "", []string{"config"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(file(t, tt.text), tt.context)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "secret-a") {
				t.Errorf("a credential is in: %v", err)
			}
		})
	}
	if _, err := Load("/does/not/exist", ""); err == nil || !strings.Contains(err.Error(), "/does/not/exist") {
		t.Errorf("missing file: %v", err)
	}
}

func TestLoadFromTheEnvironment(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	one := file(t, whole)
	two := file(t, head+`contexts: [{name: more, context: {cluster: a, user: alice}}]`)
	t.Setenv("KUBECONFIG", strings.Join([]string{one, two, "/does/not/exist"}, string(os.PathListSeparator)))
	if c, err := Load("", "more"); err != nil || c.Current().Name != "a" {
		t.Errorf("several files: %v", err)
	}
	t.Setenv("KUBECONFIG", "/does/not/exist")
	if _, err := Load("", ""); err == nil || !strings.Contains(err.Error(), "/does/not/exist") || !strings.Contains(err.Error(), "hint: ") {
		t.Errorf("nothing at all: %v", err)
	}
}

// Paths in a kubeconfig are relative to it, whatever folder we run in.
func TestRelativePathsAreTheKubeconfigs(t *testing.T) {
	path := file(t, whole)
	want := filepath.Join(filepath.Dir(path), "tokens/bob")
	os.Mkdir(filepath.Dir(want), 0o700)
	os.WriteFile(want, []byte("secret-b"), 0o600)
	c, err := Load(path, "two")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := c.Current().RESTConfig("bob")
	if err != nil {
		t.Fatal(err)
	}
	if cfg.BearerTokenFile != want {
		t.Errorf("token file %q, want %q", cfg.BearerTokenFile, want)
	}
}

func TestUserFor(t *testing.T) {
	path := file(t, whole)
	for context, want := range map[string]string{"one": "", "two": "bob", "three": "alice"} {
		c, err := Load(path, context)
		if err != nil {
			t.Fatal(err)
		}
		// without one of its own, the first context by name: "anonymous" for b
		if got := c.UserFor("b"); got != want {
			t.Errorf("context %q: user %q, want %q", context, got, want)
		}
		if got := c.UserFor("unused"); got != "" {
			t.Errorf("a cluster without context: %q", got)
		}
	}
}

func TestTransportsAreMade(t *testing.T) {
	c, err := Load(file(t, whole), "one")
	if err != nil {
		t.Fatal(err)
	}
	for _, make := range []func() (Transports, error){c.Current().Bare, func() (Transports, error) { return c.Current().As("alice") }} {
		transports, err := make()
		if err != nil || transports.Plain == nil || transports.Upgrade == nil {
			t.Errorf("%+v, %v", transports, err)
		}
	}
}

func TestCertificateUsers(t *testing.T) {
	der := []byte("not looked into")
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	path := file(t, whole+"- {name: zoe, user: {client-certificate: cert.pem}}\n- {name: carl, user: {client-certificate: cert.pem}}\n"+
		"- {name: lost, user: {client-certificate: lost.pem}}\n")
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "cert.pem"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[Fingerprint]string{sha256.Sum256(der): "carl"}, c.CertificateUsers()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
