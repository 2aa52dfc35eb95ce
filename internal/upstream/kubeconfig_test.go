package upstream

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"e2etap"
)

func render(t *testing.T, k *Kubeconfig) *api.Config {
	t.Helper()
	var text bytes.Buffer
	if err := k.Render(&text, e2etap.KubeconfigTemplate); err != nil {
		t.Fatal(err)
	}
	c, err := clientcmd.Load(text.Bytes())
	if err != nil {
		t.Fatalf("%v in\n%s", err, text.String())
	}
	return c
}

func TestKubeconfigOfServerMode(t *testing.T) {
	c, err := Load(file(t, whole), "two")
	if err != nil {
		t.Fatal(err)
	}
	k, err := c.Kubeconfig(Endpoints{
		Mode: ModeServer, CA: []byte("ca"),
		Servers: map[string]string{"a": "https://127.0.0.1:1/base", "b": "https://127.0.0.1:2"},
		Tokens:  map[string]string{"alice": "ta", "bob": "tb"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := api.NewConfig()
	want.CurrentContext = "two"
	want.Clusters["a"] = &api.Cluster{Server: "https://127.0.0.1:1/base", CertificateAuthorityData: []byte("ca")}
	want.Clusters["b"] = &api.Cluster{Server: "https://127.0.0.1:2", CertificateAuthorityData: []byte("ca")}
	want.AuthInfos["alice"] = &api.AuthInfo{Token: "ta"}
	want.AuthInfos["bob"] = &api.AuthInfo{Token: "tb"}
	for name, context := range c.raw.Contexts {
		want.Contexts[name] = &api.Context{Cluster: context.Cluster, AuthInfo: context.AuthInfo, Namespace: context.Namespace}
	}
	opts := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Extensions" }, cmp.Ignore())
	if d := cmp.Diff(want, render(t, k), opts); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if text, _ := json.Marshal(k); strings.Contains(string(text), "secret-a") {
		t.Errorf("the original credential is given away: %s", text)
	}
}

// A stored description renders as the first one did.
func TestKubeconfigSurvivesJSON(t *testing.T) {
	c, err := Load(file(t, whole), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []Mode{ModeServer, ModeProxyURL} {
		k, err := c.Kubeconfig(Endpoints{Mode: mode, CA: []byte("ca"), ProxyURL: "http://u:p@h:1", Servers: map[string]string{"a": "https://a", "b": "https://b"}})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		var again Kubeconfig
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(render(t, k), render(t, &again)); d != "" {
			t.Errorf("%s (-first +again):\n%s", mode, d)
		}
	}
}

func TestTemplateErrorsSayWhere(t *testing.T) {
	for _, text := range []string{"{{ .Nonsense }}", "{{ json", "{{ range .Users }}{{ .X }}{{ end }}"} {
		err := (&Kubeconfig{Users: []KubeconfigUser{{}}}).Render(&bytes.Buffer{}, text)
		if err == nil || !strings.HasPrefix(err.Error(), "kubeconfig template: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzNamesSurviveRendering(f *testing.F) {
	for _, name := range []string{"", `"`, "\\", "a: b", "- x", "#", "é\u2028", "{{.}}", "\x7f", "\u0085", "🙂", "\ufeff", "null"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		name = strings.ToValidUTF8(name, "")
		k := &Kubeconfig{CurrentContext: name, Contexts: []KubeconfigContext{{Name: name, Cluster: name, User: name, Namespace: name}}}
		got := render(t, k)
		if c := got.Contexts[name]; got.CurrentContext != name || c == nil || c.Cluster != name || c.AuthInfo != name || c.Namespace != name {
			t.Errorf("%q came back as %+v", name, got.Contexts)
		}
	})
}
