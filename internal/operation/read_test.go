package operation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// excerpt reads documents of testdata into a catalog.
func excerpt(t testing.TB, files ...string) *Catalog {
	t.Helper()
	var all []Operation
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		ops, err := Read(f, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		all = append(all, ops...)
	}
	return NewCatalog(all)
}

func swagger(t testing.TB) *Catalog { return excerpt(t, "testdata/swagger.json") }

func TestBothVersionsOfOpenAPIGiveTheSameOperations(t *testing.T) {
	v3, err := filepath.Glob("testdata/v3/*.json")
	if err != nil || len(v3) < 2 {
		t.Fatalf("%d documents of version 3 (%v), want several", len(v3), err)
	}
	v2 := swagger(t).Operations()
	if len(v2) < 150 {
		t.Errorf("%d operations, want the excerpt's 150 and more", len(v2))
	}
	if d := cmp.Diff(v2, excerpt(t, v3...).Operations()); d != "" {
		t.Errorf("operations (-version 2 +version 3):\n%s", d)
	}
}

func TestReadTellsOfAnOperation(t *testing.T) {
	ops := map[string]Operation{}
	for _, op := range swagger(t).Operations() {
		ops[op.ID] = op
	}
	for _, want := range []Operation{
		{ID: "listCoreV1NamespacedPod", Method: "GET", Path: "/api/v1/namespaces/{namespace}/pods",
			Version: "v1", Kind: "Pod", Action: "list"},
		{ID: "watchCoreV1NamespacedPodList", Method: "GET", Path: "/api/v1/watch/namespaces/{namespace}/pods",
			Version: "v1", Kind: "Pod", Action: "watchlist", Deprecated: true},
		{ID: "replaceAppsV1NamespacedDeploymentScale", Method: "PUT",
			Path:  "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale",
			Group: "autoscaling", Version: "v1", Kind: "Scale", Action: "put"},
		{ID: "getAppsV1APIResources", Method: "GET", Path: "/apis/apps/v1/", Group: "apps", Version: "v1"},
		{ID: "getCodeVersion", Method: "GET", Path: "/version/"},
		{ID: "createResourceV1beta2DeviceTaintRule", Method: "POST", Path: "/apis/resource.k8s.io/v1beta2/devicetaintrules",
			Group: "resource.k8s.io", Version: "v1beta2", Kind: "DeviceTaintRule", Action: "post", Level: Beta},
		{ID: "createResourceV1alpha3DeviceTaintRule", Method: "POST", Path: "/apis/resource.k8s.io/v1alpha3/devicetaintrules",
			Group: "resource.k8s.io", Version: "v1alpha3", Kind: "DeviceTaintRule", Action: "post", Level: Alpha},
	} {
		if d := cmp.Diff(want, ops[want.ID]); d != "" {
			t.Errorf("%s (-want +got):\n%s", want.ID, d)
		}
	}
}

func TestReadFindsDeprecation(t *testing.T) {
	for _, tt := range []struct {
		fields string
		want   bool
	}{
		{`"deprecated":true`, true},
		{`"description":"Deprecated: use another"`, true},
		{`"description":"watch a thing. deprecated: use the 'watch' parameter"`, true},
		{`"description":"list what is not deprecated"`, false},
	} {
		doc := `{"openapi":"3.0.0","paths":{"/a":{"get":{"operationId":"a",` + tt.fields + `}}}}`
		ops, err := Read(strings.NewReader(doc), "a")
		if err != nil || len(ops) != 1 || ops[0].Deprecated != tt.want {
			t.Errorf("%s: %+v, %v, want one operation, deprecated %v", tt.fields, ops, err, tt.want)
		}
	}
}

func TestReadNamesDocumentAndFault(t *testing.T) {
	for _, tt := range []struct{ doc, want string }{
		{`{"swagger":"2.0","paths":`, "parse OpenAPI document d.json: unexpected end of JSON input"},
		{`{"kind":"Status","code":403}`, `OpenAPI document d.json: swagger "", openapi "", want 2.0 or 3.x`},
		{`{"swagger":"1.2"}`, `OpenAPI document d.json: swagger "1.2", openapi "", want 2.0 or 3.x`},
		{`{"openapi":"3.0.0","paths":{"a":{}}}`, `OpenAPI document d.json: path "a" does not begin with a slash`},
	} {
		_, err := Read(strings.NewReader(tt.doc), "d.json")
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: error %v, want %s", tt.doc, err, tt.want)
		}
	}
}

func TestLevelIsThatOfTheVersion(t *testing.T) {
	for version, want := range map[string]Level{
		"v1": Stable, "v12": Stable, "v1beta1": Beta, "v2beta10": Beta, "v1alpha3": Alpha,
		"": Stable, "v1beta": Stable, "vbeta1": Stable, "beta1": Stable, "v1gamma1": Stable,
	} {
		if got := levelOf(version); got != want {
			t.Errorf("%q is %s, want %s", version, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"openapi":"3.0.0","paths":{"/api/v1/a/{b}/c/{d}":{"get":{"operationId":"a"}},"//":{"head":{"operationId":"b"}}}}`)
	f.Add(`{"swagger":"2.0","paths":{"/{":{"put":null,"parameters":[]},"/apis/{g}":{"get":{"operationId":"c"}}}}`)
	f.Fuzz(func(t *testing.T, doc string) {
		ops, err := Read(strings.NewReader(doc), "fuzz")
		if err != nil && ops != nil {
			t.Errorf("%d operations beside the error %v", len(ops), err)
		}
		c := NewCatalog(ops)
		if len(c.Operations()) > len(ops) {
			t.Errorf("%d operations in the catalog of %d", len(c.Operations()), len(ops))
		}
	})
}
