package acceptance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"e2etap/internal/clustertest"
	"e2etap/internal/operation"
)

const (
	crdGroup = "operations.e2etap.test"
	crds     = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	crd      = `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
		"metadata":{"name":"%[1]s.` + crdGroup + `"},
		"spec":{"group":"` + crdGroup + `","scope":"%[3]s","names":{"plural":"%[1]s","kind":"%[2]s"},"versions":[
			{"name":"v1","served":true,"storage":true,` + crdSchema + `,"subresources":{"status":{},
				"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}}},
			{"name":"v1beta1","served":true,"storage":false,"deprecated":true,` + crdSchema + `}]}}`
	crdSchema = `"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}`
)

// TestOperationsOfCustomResources does for custom resources, of namespaces and of the cluster, what
// TestOperationsOfTheServer does for all others.
func TestOperationsOfCustomResources(t *testing.T) {
	c := clustertest.Start(t)
	client := discovery.NewDiscoveryClientForConfigOrDie(c.RESTConfig(t)).RESTClient()
	define(t, client, "taps", "Tap", "Namespaced")
	define(t, client, "sinks", "Sink", "Cluster")
	catalog := documented(t, c)

	ops := custom(catalog)
	if d := cmp.Diff(custom(servedInV2(t, c)), ops); d != "" {
		t.Errorf("operations (-OpenAPI version 2 +version 3):\n%s", d)
	}
	checkCustom(t, ops)
	askForEach(t, c, catalog, ops)
	checkCustomWatches(t, c, catalog, ops)
	checkCustomHeads(t, c, catalog, ops)
}

// define makes a kind of custom resources, for this test.
func define(t *testing.T, client rest.Interface, plural, kind, scope string) {
	t.Helper()
	body := fmt.Appendf(nil, crd, plural, kind, scope)
	if err := client.Post().AbsPath(crds).Body(body).Do(t.Context()).Error(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		name := plural + "." + crdGroup
		if err := client.Delete().AbsPath(crds, name).Do(context.Background()).Error(); err != nil {
			t.Error(err)
		}
	})
}

// documented waits until both versions of OpenAPI have both versions of both kinds.
func documented(t *testing.T, c *clustertest.Cluster) *operation.Catalog {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		v2, v3 := custom(servedInV2(t, c)), served(t, c)
		if kinds(v2) == 4 && kinds(custom(v3)) == 4 {
			return v3
		}
		if time.Now().After(deadline) {
			t.Fatalf("OpenAPI lacks custom resources after a minute:\n%v\n%v", v2, custom(v3))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// custom returns the operations of the custom resources.
func custom(catalog *operation.Catalog) []operation.Operation {
	var ops []operation.Operation
	for _, op := range catalog.Operations() {
		if strings.HasPrefix(op.Path, "/apis/"+crdGroup+"/") {
			ops = append(ops, op)
		}
	}
	return ops
}

// kinds counts the kinds that can be listed, each version for itself.
func kinds(ops []operation.Operation) int {
	listed := map[string]bool{}
	for _, op := range ops {
		if op.Action == "list" {
			listed[op.Version+op.Kind] = true
		}
	}
	return len(listed)
}

func checkCustom(t *testing.T, ops []operation.Operation) {
	t.Helper()
	ids := map[string]operation.Operation{}
	for _, op := range ops {
		ids[op.ID] = op
	}
	for _, want := range []operation.Operation{
		{ID: "listOperationsE2etapTestV1NamespacedTap", Method: "GET", Action: "list",
			Path: "/apis/" + crdGroup + "/v1/namespaces/{namespace}/taps", Group: crdGroup, Version: "v1", Kind: "Tap"},
		{ID: "replaceOperationsE2etapTestV1SinkScale", Method: "PUT", Action: "put",
			Path: "/apis/" + crdGroup + "/v1/sinks/{name}/scale", Group: crdGroup, Version: "v1", Kind: "Sink"},
		{ID: "deleteOperationsE2etapTestV1beta1Sink", Method: "DELETE", Action: "delete", Level: operation.Beta,
			Path: "/apis/" + crdGroup + "/v1beta1/sinks/{name}", Group: crdGroup, Version: "v1beta1", Kind: "Sink"},
	} {
		if d := cmp.Diff(want, ids[want.ID]); d != "" {
			t.Errorf("%s (-want +got):\n%s", want.ID, d)
		}
	}
}

// checkCustomWatches watches custom resources: they have no operations of their own for it, and legacy paths all the same.
func checkCustomWatches(t *testing.T, c *clustertest.Cluster, catalog *operation.Catalog, ops []operation.Operation) {
	t.Helper()
	fill := strings.NewReplacer("{namespace}", throwaway(t, c))
	var questions []*question
	for _, op := range ops {
		if op.Action == "list" {
			path := fill.Replace(op.Path)
			version, rest, _ := strings.Cut(strings.TrimPrefix(path, "/apis/"+crdGroup+"/"), "/")
			legacy := "/apis/" + crdGroup + "/" + version + "/watch/" + rest
			questions = append(questions, &question{op: op, method: http.MethodGet, path: path, query: "watch=true"},
				&question{op: op, method: http.MethodGet, path: legacy})
		}
	}
	sendAll(t, c, questions)
	for _, q := range questions {
		got, watchOfList := catalog.Resolve(q.asked())
		if q.status != http.StatusOK || got == nil || *got != q.op || !watchOfList {
			t.Errorf("%s, answered with %d %s, is %+v (watch of list: %v), want %s", q, q.status, q.answer, got, watchOfList, q.op.ID)
		}
	}
}

// checkCustomHeads keeps what the package operation says of HEAD true.
func checkCustomHeads(t *testing.T, c *clustertest.Cluster, catalog *operation.Catalog, ops []operation.Operation) {
	t.Helper()
	var questions []*question
	for _, op := range ops {
		if op.Action == "list" && !strings.Contains(op.Path, "{") {
			questions = append(questions, &question{op: op, method: http.MethodHead, path: op.Path})
		}
	}
	sendAll(t, c, questions)
	for _, q := range questions {
		if got, _ := catalog.Resolve(q.asked()); q.status != http.StatusOK || got != nil {
			t.Errorf("%s, answered with %d, is %+v, want an answer and no operation", q, q.status, got)
		}
	}
}
