package operation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/apirequest"
	"e2etap/internal/traffic"
)

// asked is what a request asked for, as e2etap finds it.
func asked(method, uri string) Asked {
	path, query, _ := strings.Cut(uri, "?")
	api, _ := apirequest.Parse(method, path, query)
	return AskedOf(method, path, api)
}

func idOf(op *Operation) string {
	if op == nil {
		return ""
	}
	return op.ID
}

var requests = []struct{ method, uri, want string }{
	{"GET", "/api/v1/namespaces/a/pods", "listCoreV1NamespacedPod"},
	{"GET", "/api/v1/pods?limit=5", "listCoreV1PodForAllNamespaces"},
	{"GET", "/api/v1/pods/", "listCoreV1PodForAllNamespaces"},
	{"GET", "/api/v1/pods?fieldSelector=metadata.name%3Dx", "listCoreV1PodForAllNamespaces"},
	{"POST", "/api/v1/namespaces/a/pods", "createCoreV1NamespacedPod"},
	{"GET", "/api/v1/namespaces/a/pods/x", "readCoreV1NamespacedPod"},
	{"GET", "/api/v1/namespaces/a/pods/x?watch=true", "readCoreV1NamespacedPod"},
	{"PUT", "/api/v1/namespaces/a/pods/x", "replaceCoreV1NamespacedPod"},
	{"PATCH", "/api/v1/namespaces/a/pods/x", "patchCoreV1NamespacedPod"},
	{"DELETE", "/api/v1/namespaces/a/pods/x", "deleteCoreV1NamespacedPod"},
	{"DELETE", "/api/v1/namespaces/a/pods", "deleteCoreV1CollectionNamespacedPod"},

	{"PATCH", "/api/v1/namespaces/a/pods/x/status", "patchCoreV1NamespacedPodStatus"},
	{"PATCH", "/api/v1/namespaces/a/pods/x/ephemeralcontainers", "patchCoreV1NamespacedPodEphemeralcontainers"},
	{"PATCH", "/api/v1/namespaces/a/pods/x/resize", "patchCoreV1NamespacedPodResize"},
	{"POST", "/api/v1/namespaces/a/pods/x/eviction", "createCoreV1NamespacedPodEviction"},
	{"POST", "/api/v1/namespaces/a/pods/x/binding", "createCoreV1NamespacedPodBinding"},
	{"POST", "/api/v1/namespaces/a/bindings", "createCoreV1NamespacedBinding"},
	{"POST", "/api/v1/namespaces/a/serviceaccounts/x/token", "createCoreV1NamespacedServiceAccountToken"},
	{"GET", "/apis/apps/v1/namespaces/a/deployments/x/scale", "readAppsV1NamespacedDeploymentScale"},
	{"GET", "/api/v1/namespaces/a/pods/x/log?follow=true", "readCoreV1NamespacedPodLog"},
	{"POST", "/api/v1/namespaces/a/pods/x/exec?command=c", "connectCoreV1PostNamespacedPodExec"},
	{"GET", "/api/v1/namespaces/a/pods/x/exec", "connectCoreV1GetNamespacedPodExec"},

	{"GET", "/api/v1/namespaces/a/pods/x/proxy", "connectCoreV1GetNamespacedPodProxy"},
	{"GET", "/api/v1/namespaces/a/pods/x/proxy/", "connectCoreV1GetNamespacedPodProxy"},
	{"GET", "/api/v1/namespaces/a/pods/x/proxy/metrics", "connectCoreV1GetNamespacedPodProxyWithPath"},
	{"PUT", "/api/v1/namespaces/a/services/https:x:443/proxy/a/b//c/", "connectCoreV1PutNamespacedServiceProxyWithPath"},
	{"DELETE", "/api/v1/nodes/x/proxy/stats%2Fsummary", "connectCoreV1DeleteNodeProxyWithPath"},
	{"HEAD", "/api/v1/nodes/x/proxy", "connectCoreV1HeadNodeProxy"},
	{"OPTIONS", "/api/v1/nodes/x/proxy/a", "connectCoreV1OptionsNodeProxyWithPath"},

	{"GET", "/api/v1/namespaces", "listCoreV1Namespace"},
	{"DELETE", "/api/v1/namespaces/a", "deleteCoreV1Namespace"},
	{"PUT", "/api/v1/namespaces/a/finalize", "replaceCoreV1NamespaceFinalize"},
	{"PATCH", "/api/v1/namespaces/a/status", "patchCoreV1NamespaceStatus"},
	{"GET", "/api/v1/namespaces/status", "readCoreV1Namespace"},
	{"GET", "/api/v1/componentstatuses/x", "readCoreV1ComponentStatus"},

	{"GET", "/api/v1/pods?watch=1", "watchCoreV1PodListForAllNamespaces"},
	{"GET", "/api/v1/namespaces/a/pods?watch=true", "watchCoreV1NamespacedPodList"},
	{"GET", "/api/v1/namespaces/a/pods?watch=true&fieldSelector=metadata.name%3Dx", "watchCoreV1NamespacedPod"},
	{"GET", "/api/v1/pods?watch=true&fieldSelector=metadata.name%3Dx", "watchCoreV1PodListForAllNamespaces"},
	{"GET", "/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Da", "watchCoreV1Namespace"},
	{"GET", "/api/v1/watch/pods", "watchCoreV1PodListForAllNamespaces"},
	{"GET", "/api/v1/watch/namespaces/a/pods", "watchCoreV1NamespacedPodList"},
	{"GET", "/api/v1/watch/namespaces/a/pods/x", "watchCoreV1NamespacedPod"},
	{"GET", "/api/v1/watch/namespaces/a", "watchCoreV1Namespace"},
	{"GET", "/apis/apps/v1/deployments?watch", "watchAppsV1DeploymentListForAllNamespaces"},

	{"GET", "/api", "getCoreAPIVersions"},
	{"GET", "/api/v1", "getCoreV1APIResources"},
	{"GET", "/api/v1/", "getCoreV1APIResources"},
	{"GET", "/apis/apps/v1", "getAppsV1APIResources"},
	{"GET", "/version", "getCodeVersion"},
	{"GET", "/logs/", "logFileListHandler"},
	{"GET", "/logs/a/b.log", "logFileHandler"},
	{"GET", "/openid/v1/jwks", "getServiceAccountIssuerOpenIDKeyset"},
	{"GET", "/.well-known/openid-configuration", "getServiceAccountIssuerOpenIDConfiguration"},
	{"HEAD", "/apis", "getAPIVersions"},

	{"HEAD", "/apis/apps/", "getAppsAPIGroup"},

	{"HEAD", "/api/v1/pods", ""},
	{"HEAD", "/api/v1/namespaces/a/pods?watch=1", ""},
	{"HEAD", "/version", ""},
	{"HEAD", "/apis/apps/v1", ""},
	{"HEAD", "/apis/apiregistration.k8s.io", ""},
	{"OPTIONS", "/api/v1/pods", ""},
	{"POST", "/version", ""},
	{"GET", "/", ""},
	{"GET", "/healthz/etcd", ""},
	{"GET", "/openapi/v3/apis/apps/v1", ""},
	{"GET", "/version/x", ""},
	{"GET", "/apis/example.com/v1/namespaces/a/foos", ""},
	{"GET", "/api/v1/pods/x", ""},
	{"POST", "/api/v1/pods", ""},
	{"GET", "/api/v1/namespaces/a/nodes", ""},
	{"GET", "/api/v1/nodes/x/scale", ""},
	{"GET", "/api/v1/namespaces/a/pods/x/status/more", ""},
	{"GET", "/api/v1/namespaces/a/status/more", ""},
	{"PUT", "/api/v1/namespaces/a/pods", ""},
	{"POST", "/api/v1/namespaces/a/pods/x", ""},
	{"DELETE", "/api/v1/watch/namespaces/a/pods", ""},
	{"GET", "/api/v1/watch/pods/x", ""},
	{"GET", "/api/v1/watch/namespaces/a/pods/x/status", ""},
	{"GET", "/api/v1/proxy/nodes/x", ""},
	{"GET", "//api/v1/pods", ""},
	{"GET", "/api/v1//pods", ""},
	{"GET", "/api/v1/namespaces//pods", ""},
	{"GET", "/api/v1/namespaces/a/pods//log", ""},
}

func TestResolve(t *testing.T) {
	c := swagger(t)
	for _, tt := range requests {
		op, watchOfList := c.Resolve(asked(tt.method, tt.uri))
		if idOf(op) != tt.want || watchOfList {
			t.Errorf("%s %s is %q (watch of list: %v), want %q", tt.method, tt.uri, idOf(op), watchOfList, tt.want)
		}
	}
}

// Recordings keep neither names nor, from audit logs, methods. Only a HEAD is then not told from a GET, nor is any method
// on the legacy watch paths.
func TestResolveNeedsNeitherMethodNorNames(t *testing.T) {
	c := swagger(t)
	for _, tt := range requests {
		a := asked(tt.method, tt.uri)
		if tt.method == "HEAD" || tt.method == "DELETE" && a.API.Verb == "watch" {
			continue
		}
		a.Method, a.API.Namespace = "", ""
		if a.API.Verb != "watch" {
			a.API.Name = ""
		}
		if op, _ := c.Resolve(a); idOf(op) != tt.want {
			t.Errorf("%s %s, as verb %q, is %q, want %q", tt.method, tt.uri, a.API.Verb, idOf(op), tt.want)
		}
	}
}

func TestResolveFindsEveryOperationByItsTemplate(t *testing.T) {
	c := swagger(t)
	fill := strings.NewReplacer("{namespace}", "a", "{name}", "x", "{path}", "p/q", "{logpath}", "l/m")
	for _, want := range c.Operations() {
		uri := fill.Replace(want.Path)
		if op, _ := c.Resolve(asked(want.Method, uri)); op == nil || *op != want {
			t.Errorf("%s %s is %q, want %q", want.Method, uri, idOf(op), want.ID)
		}
	}
}

func TestWatchIsOfTheListWhereNoWatchIsDocumented(t *testing.T) {
	const doc = `{"openapi":"3.0.0","paths":{"/apis/example.com/v1/namespaces/{namespace}/foos":{
		"get":{"operationId":"listFoo"}, "delete":{"operationId":"deleteCollectionFoo"}, "post":{"operationId":"createFoo"}}}}`
	ops, err := Read(strings.NewReader(doc), "doc")
	if err != nil {
		t.Fatal(err)
	}
	c := NewCatalog(ops)
	const foos = "/apis/example.com/v1/namespaces/a/foos"
	for _, uri := range []string{
		foos + "?watch=true", foos + "?watch=true&fieldSelector=metadata.name%3Dx",
		"/apis/example.com/v1/watch/namespaces/a/foos", "/apis/example.com/v1/watch/namespaces/a/foos/x",
	} {
		if op, watchOfList := c.Resolve(asked("GET", uri)); idOf(op) != "listFoo" || !watchOfList {
			t.Errorf("%s is %q (watch of list: %v), want a watch of listFoo", uri, idOf(op), watchOfList)
		}
	}
	if op, watchOfList := c.Resolve(asked("GET", "/apis/example.com/v1/foos?watch=true")); op != nil || watchOfList {
		t.Errorf("a watch of what has no list is %q (watch of list: %v)", idOf(op), watchOfList)
	}
}

// Some aggregated API servers put to collections, or post to objects.
func TestResolveFindsVerbsInUnusualPlaces(t *testing.T) {
	const doc = `{"openapi":"3.0.0","paths":{
		"/apis/example.com/v1/foos":{"put":{"operationId":"expandFoos"}},
		"/apis/example.com/v1/foos/{name}":{"post":{"operationId":"renameFoo"}}}}`
	ops, err := Read(strings.NewReader(doc), "doc")
	if err != nil {
		t.Fatal(err)
	}
	c := NewCatalog(ops)
	for _, tt := range []struct{ method, path, want string }{
		{"PUT", "/apis/example.com/v1/foos", "expandFoos"}, {"PUT", "/apis/example.com/v1/foos/x", ""},
		{"POST", "/apis/example.com/v1/foos/x", "renameFoo"}, {"POST", "/apis/example.com/v1/foos", ""},
	} {
		if op, _ := c.Resolve(asked(tt.method, tt.path)); idOf(op) != tt.want {
			t.Errorf("%s %s is %q, want %q", tt.method, tt.path, idOf(op), tt.want)
		}
	}
}

func TestCatalogIsSortedAndHasEachPathAndMethodOnce(t *testing.T) {
	got := NewCatalog([]Operation{
		{ID: "c", Method: "PUT", Path: "/b"}, {ID: "b", Method: "GET", Path: "/b"},
		{ID: "a", Method: "PUT", Path: "/a"}, {ID: "other", Method: "GET", Path: "/b"},
	}).Operations()
	want := []Operation{
		{ID: "a", Method: "PUT", Path: "/a"}, {ID: "b", Method: "GET", Path: "/b"}, {ID: "c", Method: "PUT", Path: "/b"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("operations (-want +got):\n%s", d)
	}
}

func TestAskedOf(t *testing.T) {
	pod := traffic.API{Verb: "get", Version: "v1", Resource: "pods", Subresource: "proxy", Namespace: "a", Name: "x"}
	for _, tt := range []struct {
		method, path string
		api          traffic.API
		want         Asked
	}{
		{"GET", "/api/v1/namespaces/a/pods/x/proxy", pod, Asked{Method: "GET", API: pod, Namespaced: true}},
		{"", "/api/v1/namespaces/a/pods/x/proxy/m%20n", pod, Asked{API: pod, Namespaced: true, SubPath: true}},
		{"GET", "/apis/apps/v1%2f", traffic.API{Verb: "get"},
			Asked{Method: "GET", API: traffic.API{Verb: "get"}, Path: "/apis/apps/v1/"}},
	} {
		if d := cmp.Diff(tt.want, AskedOf(tt.method, tt.path, tt.api)); d != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.method, tt.path, d)
		}
	}
}
