package rundiff

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

var usual = Options{Threshold: 0.2, AtLeast: 5}

// ask is some requests of a kind.
type ask struct {
	test, client, verb, resource string
	status, times                int
}

// side is a run of requests for resources of apps/v1; a resource that begins with a slash is a path.
func side(all ...ask) *Side {
	s := &Side{map[Subject]*counts{}}
	for _, q := range all {
		e := db.Endpoint{Verb: q.verb, Group: "apps", Version: "v1", Resource: q.resource}
		if q.resource[0] == '/' {
			e = db.Endpoint{Verb: q.verb, Path: q.resource}
		}
		s.add(Subject{Test: q.test, Client: q.client}, e, int64(q.status), int64(q.times))
	}
	return s
}

func lines(changes []Change) (all []string) {
	for _, c := range changes {
		all = append(all, fmt.Sprintf("%s|%s%s|%s|%d|%d→%d", c.Kind, c.Subject.Test, c.Subject.Client, c.Operation, c.Status, c.Before, c.After))
	}
	return all
}

func TestCompare(t *testing.T) {
	base := []ask{{test: "a", verb: "get", resource: "pods", status: 200, times: 10}}
	with := func(more ...ask) *Side { return side(append(base[:1:1], more...)...) }
	for name, test := range map[string]struct {
		before, after *Side
		want          []string
	}{
		"the same": {with(), with(), nil},
		"a test with an operation of its own": {
			with(), with(ask{test: "b", verb: "create", resource: "pods", status: 201, times: 3}),
			[]string{"operation gained||create apps/v1 pods|0|0→3", "test gained|b||0|0→3"},
		},
		"a test lost": {
			with(ask{test: "b", verb: "get", resource: "pods", status: 200, times: 3}), with(),
			[]string{"test lost|b||0|3→0"},
		},
		"an operation lost": {
			with(ask{test: "a", verb: "delete", resource: "pods", status: 200, times: 1}), with(),
			[]string{"operation lost||delete apps/v1 pods|0|1→0", "test operation lost|a|delete apps/v1 pods|0|1→0"},
		},
		"a test that takes over an operation": {
			with(ask{test: "b", verb: "list", resource: "pods", times: 1}, ask{test: "c", verb: "get", resource: "pods", times: 1}),
			with(ask{test: "b", verb: "get", resource: "pods", times: 1}, ask{test: "c", verb: "list", resource: "pods", times: 1}),
			[]string{
				"test operation gained|b|get apps/v1 pods|0|0→1", "test operation gained|c|list apps/v1 pods|0|0→1",
				"test operation lost|b|list apps/v1 pods|0|1→0", "test operation lost|c|get apps/v1 pods|0|1→0",
			},
		},
		"more by less than the number": {with(), with(ask{test: "a", verb: "get", resource: "pods", times: 4}), nil},
		"more by the number":           {with(), with(ask{test: "a", verb: "get", resource: "pods", times: 5}), []string{"requests up|a||0|10→15"}},
		"fewer":                        {with(ask{test: "a", verb: "get", resource: "pods", times: 15}), with(), []string{"requests down|a||0|25→10"}},
		"more by no more than the share": {
			with(ask{test: "a", verb: "get", resource: "pods", times: 40}), with(ask{test: "a", verb: "get", resource: "pods", times: 50}), nil,
		},
		"watches are counted apart": {
			with(ask{test: "a", verb: "watch", resource: "pods", times: 1}), with(ask{test: "a", verb: "watch", resource: "pods", times: 6}),
			[]string{"watches up|a||0|1→6"},
		},
		"an error came": {
			with(), with(ask{test: "a", verb: "get", resource: "pods", status: 404, times: 2}),
			[]string{"error gained|a|get apps/v1 pods|404|0→2"},
		},
		"retries after conflicts": {
			with(), with(ask{test: "a", verb: "patch", resource: "pods", status: 409, times: 6}, ask{test: "a", verb: "get", resource: "pods", times: 6}),
			[]string{"operation gained||patch apps/v1 pods|0|0→6", "test operation gained|a|patch apps/v1 pods|0|0→6"},
		},
		"fewer retries after conflicts": {
			with(ask{test: "a", verb: "update", resource: "pods", status: 409, times: 6}, ask{test: "a", verb: "update", resource: "pods", times: 1}),
			with(ask{test: "a", verb: "update", resource: "pods", times: 1}), nil,
		},
		"more requests than conflicts account for": {
			with(), with(ask{test: "a", verb: "update", resource: "pods", status: 409, times: 1}, ask{test: "a", verb: "get", resource: "pods", times: 6}),
			[]string{"operation gained||update apps/v1 pods|0|0→1", "test operation gained|a|update apps/v1 pods|0|0→1", "requests up|a||0|10→17"},
		},
		"a storm of conflicts": {
			with(ask{test: "a", verb: "update", resource: "pods", times: 1}), with(ask{test: "a", verb: "update", resource: "pods", status: 409, times: 20}),
			[]string{"conflicts up|a||0|0→20"},
		},
		"a name that is taken": {
			with(ask{test: "a", verb: "create", resource: "pods", status: 201, times: 1}),
			with(ask{test: "a", verb: "create", resource: "pods", status: 409, times: 1}),
			[]string{"error gained|a|create apps/v1 pods|409|0→1"},
		},
		"an error went, another came more often": {
			with(ask{test: "a", verb: "get", resource: "pods", status: 500, times: 1}, ask{test: "a", verb: "get", resource: "pods", status: 404, times: 1}),
			with(ask{test: "a", verb: "get", resource: "pods", status: 404, times: 3}),
			[]string{"error lost|a|get apps/v1 pods|500|1→0"},
		},
		"a client without a test": {
			with(ask{client: "kubectl", verb: "get", resource: "pods", times: 1}), with(ask{client: "helm", verb: "get", resource: "pods", times: 1}),
			[]string{"client gained|helm||0|0→1", "client lost|kubectl||0|1→0"},
		},
		"more of a client without a test": {
			with(ask{client: "kubectl", verb: "get", resource: "pods", times: 1}), with(ask{client: "kubectl", verb: "get", resource: "pods", times: 9}),
			[]string{"requests up|kubectl||0|1→9"},
		},
		"discovery moves to another test": {
			with(ask{test: "b", verb: "get", resource: "pods", times: 1}, ask{test: "a", verb: "get", resource: "/apis", status: 404, times: 9}),
			with(ask{test: "b", verb: "get", resource: "pods", times: 1}, ask{test: "b", verb: "get", resource: "/apis", status: 404, times: 9}), nil,
		},
		"more discovery": {
			with(), with(ask{test: "a", verb: "get", resource: "/apis", status: 200, times: 6}),
			[]string{"operation gained||get /apis|0|0→6", "discovery up|||0|0→6"},
		},
		"a test with nothing but discovery": {
			with(ask{test: "b", verb: "get", resource: "/apis", times: 1}), with(ask{test: "a", verb: "get", resource: "/apis", times: 1}),
			[]string{"test lost|b||0|0→0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, lines(Compare(test.before, test.after, usual))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestOperationOf(t *testing.T) {
	for want, e := range map[string]db.Endpoint{
		"get /version":              {Method: "GET", Verb: "get", Path: "/version"},
		"list v1 pods":              {Method: "GET", Verb: "list", Version: "v1", Resource: "pods", Named: true},
		"head v1 pods (namespaced)": {Method: "HEAD", Verb: "get", Version: "v1", Resource: "pods", Namespaced: true},
		"update apps/v1 deployments/scale (namespaced)": {Method: "PUT", Verb: "update", Group: "apps", Version: "v1", Resource: "deployments", Subresource: "scale", Namespaced: true},
		"create v1 pods/exec (namespaced)":              {Verb: "create", Version: "v1", Resource: "pods", Subresource: "exec", Namespaced: true},
		"patch mygroup.example.com/v1 foo*as":           {Verb: "patch", Group: "mygroup.example.com", Version: "v1", Resource: "foodbscbas"},
		"list a-*.example.com/v1 e2e-test-a-*-crds":     {Verb: "list", Group: "a-4821.example.com", Version: "v1", Resource: "e2e-test-a-4821-crds"},
		"list projectcontour.io/v1 httpproxies":         {Verb: "list", Group: "projectcontour.io", Version: "v1", Resource: "httpproxies"},
		"list gateway.networking.k8s.io/v1 httproutes":  {Verb: "list", Group: "gateway.networking.k8s.io", Version: "v1", Resource: "httproutes"},
		"deletecollection example.com/v1 things":        {Verb: "deletecollection", Group: "example.com", Version: "v1", Resource: "things"},
	} {
		if got := OperationOf(e); got != want {
			t.Errorf("%+v: %q, want %q", e, got, want)
		}
	}
}

func TestReadSumsARunByTestAndClient(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Start: time.Unix(1, 0)}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pod := traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "a", Name: "b"}
	for _, q := range []traffic.Request{
		{Method: "GET", API: pod, Status: 404, Attribution: traffic.Attribution{Test: "t", Source: traffic.SourceHeader}, Client: traffic.Client{UserAgent: "e2e.test/v1"}},
		{Method: "GET", API: pod, Status: 200, Client: traffic.Client{UserAgent: "kubectl/v1"}},
		{Method: "GET", API: pod, Status: 200},
		{Method: "GET", Path: "/version", API: traffic.API{Verb: "get"}, Status: 200, Client: traffic.Client{UserAgent: "kubectl/v1"}},
	} {
		if err := rec.Finish(&q); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(traffic.RunEnd{End: time.Unix(2, 0)}); err != nil {
		t.Fatal(err)
	}
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := Read(r, db.RunInfo{ID: 1}, OperationIDs{})
	if err != nil {
		t.Fatal(err)
	}
	const get = "get v1 pods (namespaced)"
	want := map[Subject]*counts{
		{Test: "t"}:         {requests: 1, operations: map[string]int64{get: 1}, errors: map[failure]int64{{get, 404}: 1}},
		{Client: "kubectl"}: {requests: 1, operations: map[string]int64{get: 1}, errors: map[failure]int64{}},
		{Client: NoProgram}: {requests: 1, operations: map[string]int64{get: 1}, errors: map[failure]int64{}},
		{}:                  {requests: 1, operations: map[string]int64{"get /version": 1}, errors: map[failure]int64{}},
	}
	if diff := cmp.Diff(want, got.subjects, cmp.AllowUnexported(counts{}, failure{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
