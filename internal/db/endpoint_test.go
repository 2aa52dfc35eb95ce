package db

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/apirequest"
	"e2etap/internal/traffic"
)

// asked is a request as the gateway reads it, of a server with the base path /base.
func asked(method, uri string) traffic.Request {
	path, query, _ := strings.Cut(uri, "?")
	plain, err := url.PathUnescape(path)
	if err != nil {
		panic(err)
	}
	q := traffic.Request{Method: method, Path: path}
	q.API, q.Query = apirequest.Parse(method, strings.TrimPrefix(plain, "/base"), query)
	return q
}

// told writes what an endpoint has beyond verb and resource.
func told(e endpoint) string {
	told := e.path
	for _, bit := range []struct {
		is   bool
		word string
	}{{e.namespaced, " namespaced"}, {e.named, " named"}, {e.subPath, " sub-path"}} {
		if bit.is {
			told += bit.word
		}
	}
	return strings.TrimSpace(told)
}

func TestEndpointsTellWhatThePathNames(t *testing.T) {
	for _, test := range []struct{ request, want string }{
		{"GET /api/v1/pods", ""},
		{"GET /api/v1/namespaces/a/pods", "namespaced"},
		{"GET /api/v1/namespaces/a/pods/p", "namespaced named"},
		{"GET /apis/apps/v1/namespaces/a/deployments/d/scale", "namespaced named"},
		{"GET /apis/apps/v1/deployments", ""},
		{"GET /api/v1/nodes/n", "named"},
		{"GET /api/v1/namespaces", ""},
		{"GET /api/v1/namespaces/a", "named"},
		{"PUT /api/v1/namespaces/a/finalize", "named"},
		{"POST /api/v1/namespaces", ""},
		{"POST /api/v1/namespaces/a/pods", "namespaced"},
		{"POST /api/v1/namespaces/a/pods/p/eviction", "namespaced named"},
		{"DELETE /api/v1/namespaces/a/pods", "namespaced"},
		{"DELETE /api/v1/namespaces/a/pods/p", "namespaced named"},
		{"GET /api/v1/namespaces/a/pods?watch=1", "namespaced"},
		{"GET /api/v1/namespaces/a/pods?watch=1&fieldSelector=metadata.name%3Dp", "namespaced named"},
		{"GET /api/v1/pods?watch=1&fieldSelector=metadata.name%3Dp", "named"},
		{"GET /api/v1/watch/pods", ""},
		{"GET /api/v1/watch/namespaces/a/pods", "namespaced"},
		{"GET /api/v1/watch/namespaces/a/pods/p", "namespaced named"},
		{"GET /api/v1/watch/namespaces/a", "named"},
		{"GET /api/v1/namespaces/a/pods/p/proxy", "namespaced named"},
		{"GET /api/v1/namespaces/a/pods/p/proxy/", "namespaced named"},
		{"GET /api/v1/namespaces/a/pods/p/proxy/x", "namespaced named sub-path"},
		{"GET /api/v1/namespaces/a/services/https:proxy:443/proxy/metrics/proxy", "namespaced named sub-path"},
		{"GET /api/v1/namespaces/proxy/pods/proxy/proxy", "namespaced named"},
		{"GET /api/v1/namespaces/a/services/s%3A80/proxy", "namespaced named"},
		{"GET /api/v1/namespaces/a/services/s%3A80/proxy%2Fx", "namespaced named sub-path"},
		{"GET /api/v1/nodes/n/proxy", "named"},
		{"GET /api/v1/nodes/n/proxy/stats/summary", "named sub-path"},
		{"GET /base/api/v1/nodes/n/proxy", "named"},
		{"GET /base/api/v1/nodes/n/proxy/pods", "named sub-path"},
		{"GET /api/v1/namespaces/a/pods/p/exec/x", "namespaced named"},
		{"GET /version", "/version"},
	} {
		method, uri, _ := strings.Cut(test.request, " ")
		q := asked(method, uri)
		if got := told(endpointOf(&q)); got != test.want {
			t.Errorf("%s is %q, want %q", test.request, got, test.want)
		}
	}
}

func TestEndpointsOfAuditLogsLeaveOutWhatTheBodyTells(t *testing.T) {
	for _, test := range []struct {
		path, api string // verb resource[/subresource] namespace/name, as objectRef has them
		want      string
	}{
		{"/api/v1/namespaces/a/pods", "create pods a/p", "namespaced"},
		{"/apis/g/v1/things", "create things a/t", ""},
		{"/apis/g/v1/things/t", "update things a/t", "named"},
		{"/apis/g/v1/namespaces/a/things/t", "update things a/t", "namespaced named"},
		{"/api/v1/namespaces", "create namespaces /a", ""},
		{"/api/v1/namespaces/a/serviceaccounts/s/token", "create serviceaccounts/token a/s", "namespaced named"},
		{"/api/v1/watch/namespaces/a/pods", "watch pods a/", "namespaced"},
		{"/api/v1/nodes/n/proxy/metrics", "get nodes/proxy /n", "named sub-path"},
		{"/elsewhere/namespaces/a/pods", "list pods a/", "namespaced"},
		{"", "get pods a/p", "namespaced named"},
		{"/livez/etcd", "get  /", "/livez/etcd"},
	} {
		words := strings.Split(test.api, " ")
		a := traffic.Audit{Path: test.path, API: traffic.API{Verb: words[0], Version: "v1"}}
		if strings.HasPrefix(test.path, "/apis/g/") {
			a.API.Group = "g"
		}
		a.API.Resource, a.API.Subresource, _ = strings.Cut(words[1], "/")
		a.API.Namespace, a.API.Name, _ = strings.Cut(words[2], "/")
		if got := told(auditedEndpoint(&a)); got != test.want {
			t.Errorf("%s of %q is %q, want %q", test.api, test.path, got, test.want)
		}
	}
}

func TestPathsOfWhatIsNoResourceAreBounded(t *testing.T) {
	long := strings.Repeat("x", 128)
	for path, want := range map[string]string{
		"": "", "/": "/", "//": "/*", "/version": "/version", "/version/": "/version/", "/api": "/api", "/apis/apps/v1": "/apis/apps/v1",
		"/healthz/poststarthook/start-informers": "/healthz/poststarthook/start-informers", "/.well-known/openid-configuration": "/.well-known/openid-configuration",
		"/logs/a/b/c": "/logs/a/b/c", "/logs/a/b/c/": "/logs/a/b/c/", "/logs/a/b/c/d": "/logs/*", "/logs/" + long: "/logs/*", "/logs/" + long[:122]: "/logs/" + long[:122],
		"/favicon.ico": "/favicon.ico/*", "/wp-login/x?": "/wp-login/*", "/" + long: "/" + long + "/*", "/" + long + "x": "/*", "///////version": "///////version",
	} {
		if got := boundedPath(path); got != want {
			t.Errorf("%q becomes %q, want %q", path, got, want)
		}
	}
}

// TestTooManyPathsAreNotToldApart after maxPaths of them, but for what the API server may serve.
func TestTooManyPathsAreNotToldApart(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	for i := range maxPaths {
		finish(t, r, asked("GET", fmt.Sprintf("/scan-%d", i)))
	}
	last := fmt.Sprintf("/scan-%d", maxPaths-1)
	finish(t, r, asked("GET", "/scan-more"), asked("GET", "/scan-again"), asked("GET", "/logs/x"), asked("GET", "/logs/1/2/3/4"), asked("GET", last))
	closeRecorder(t, r)
	want := []string{last + "/*|" + last, "/*|/scan-more", "/*|/scan-again", "/logs/*|/logs/x", "/logs/*|/logs/1/2/3/4", last + "/*|" + last}
	got := ask(t, path, `SELECT e.path, s.value FROM request r JOIN endpoint e ON e.id = r.endpoint JOIN string s ON s.id = r.path
		WHERE r.id >= (SELECT max(id) - 5 FROM request) ORDER BY r.id`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got, want := ask(t, path, `SELECT count(*) FROM endpoint`)[0], fmt.Sprint(maxPaths+2); got != want {
		t.Errorf("%s endpoints, want %s", got, want)
	}
	checkSummary(t, path)
}

func TestEndpointsDecodeToWhatWasEncoded(t *testing.T) {
	for _, e := range []endpoint{
		{}, {path: "/version"}, {"GET", "get", "g", "v1", "pods", "proxy", true, false, false, ""}, {namespaced: true, named: true, subPath: true, path: "x"},
	} {
		got, err := decodeEndpoint(e.append(nil))
		if err != nil || got != e {
			t.Errorf("%+v, %v; want %+v", got, err, e)
		}
	}
	if e, err := decodeEndpoint((endpoint{}).append(nil)[:6]); err == nil {
		t.Errorf("six texts alone are %+v", e)
	}
	b := (endpoint{}).append(nil)
	b[6] = allBits + 1
	if e, err := decodeEndpoint(b); err == nil {
		t.Errorf("unknown bits are %+v", e)
	}
}

// FuzzEndpoints: whatever is asked for, an endpoint is small where it is no resource, decodes to itself, and stays as it is once cut.
func FuzzEndpoints(f *testing.F) {
	for _, path := range []string{"/version", "/api/v1/nodes/n/proxy/x", "//", "/" + strings.Repeat("x", 200)} {
		f.Add("GET", path)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		if _, err := url.PathUnescape(path); err != nil {
			return
		}
		q := asked(method, path)
		e := endpointOf(&q)
		if limit := maxPathBytes + len("/") + len(anyPath); len(e.path) > limit || e.resource != "" && e.path != "" {
			t.Errorf("%+v keeps %d bytes of path, want at most %d, and none of a resource", e, len(e.path), limit)
		}
		if cut := cutPath(e.path); cutPath(cut) != cut {
			t.Errorf("%q is cut to %q and %q", path, cut, cutPath(cut))
		}
		if e.subPath && e.subresource != "proxy" {
			t.Errorf("%+v has something behind a subresource that is not proxy", e)
		}
		if got, err := decodeEndpoint(e.append(nil)); err != nil || got != e {
			t.Errorf("%+v, %v; want %+v", got, err, e)
		}
	})
}
