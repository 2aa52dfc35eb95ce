package apirequest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

func TestParse(t *testing.T) {
	const pods = "/api/v1/namespaces/default/pods"
	core := func(verb, name, sub string) traffic.API {
		return traffic.API{Verb: verb, Version: "v1", Resource: "pods", Namespace: "default", Name: name, Subresource: sub}
	}
	for _, tt := range []struct {
		name, method, path, query string
		api                       traffic.API
		q                         traffic.Query
	}{
		{"list", "GET", pods, "limit=500", core("list", "", ""), traffic.Query{Limit: 500}},
		{"watch", "GET", pods, "watch=true&labelSelector=a%3Db", core("watch", "", ""),
			traffic.Query{Watch: true, LabelSelector: "a=b"}},
		{"watch of one by field selector", "GET", pods, "watch=1&fieldSelector=metadata.name%3Da", core("watch", "a", ""),
			traffic.Query{Watch: true, FieldSelector: "metadata.name=a"}},
		{"delete collection", "DELETE", pods, "", core("deletecollection", "", ""), traffic.Query{}},
		{"apply", "PATCH", pods + "/a/status", "fieldManager=m&dryRun=All", core("patch", "a", "status"),
			traffic.Query{FieldManager: "m", DryRun: "All"}},
		{"exec keeps no command", "POST", pods + "/a/exec", "command=secret", core("create", "a", "exec"), traffic.Query{}},
		{"proxy subresource's query is not ours", "GET", pods + "/a/proxy/x", "limit=3", core("get", "a", "proxy"), traffic.Query{}},
		{"group", "POST", "/apis/apps/v1/namespaces/n/deployments", "",
			traffic.API{Verb: "create", Group: "apps", Version: "v1", Resource: "deployments", Namespace: "n"}, traffic.Query{}},
		{"namespace itself", "PUT", "/api/v1/namespaces/n/finalize", "",
			traffic.API{Verb: "update", Version: "v1", Resource: "namespaces", Subresource: "finalize", Namespace: "n", Name: "n"},
			traffic.Query{}},
		{"no resource", "GET", "/version", "", traffic.API{Verb: "get"}, traffic.Query{}},
		{"discovery", "GET", "/apis/apps/v1", "", traffic.API{Verb: "get"}, traffic.Query{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api, q := Parse(tt.method, tt.path, tt.query)
			if d := cmp.Diff(tt.api, api); d != "" {
				t.Errorf("api (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.q, q); d != "" {
				t.Errorf("query (-want +got):\n%s", d)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("GET", "/api/v1/namespaces/default/pods/a/log", "follow=true&limit=x")
	f.Add("", "//apis//", "%zz&watch")
	f.Add("GET", "/api///a", "limit=1")
	f.Fuzz(func(t *testing.T, method, path, query string) {
		api, _ := Parse(method, path, query)
		if api.Resource == "" && api.Name != "" {
			t.Errorf("%q %q: a name without a resource: %+v", method, path, api)
		}
	})
}
