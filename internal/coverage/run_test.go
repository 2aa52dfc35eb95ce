package coverage

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

func TestRequestsAreCountedByOperation(t *testing.T) {
	run := load(t, kubernetes(t),
		asked(t, "one", "GET", "/api/v1/namespaces/a/pods/x", 200),
		asked(t, "one", "GET", "/api/v1/namespaces/b/pods/y", 404),
		asked(t, "two", "GET", "/api/v1/namespaces/b/pods/y", 200),
		asked(t, "", "GET", "/api/v1/namespaces/b/pods/y", 0),
	)
	op := run.Operation("readCoreV1NamespacedPod")
	user, none := [traffic.SourceCount]int64{traffic.SourceUserAgent: 2}, [traffic.SourceCount]int64{traffic.SourceNone: 1}
	want := Hits{Counts{Requests: 4, Successes: 2}, []TestUse{
		{Test: "", Counts: Counts{Requests: 1}, Statuses: []StatusCount{{0, 1}}, Sources: none},
		{Test: "one", Counts: Counts{Requests: 2, Successes: 1}, Statuses: []StatusCount{{200, 1}, {404, 1}}, Sources: user},
		{Test: "two", Counts: Counts{Requests: 1, Successes: 1}, Statuses: []StatusCount{{200, 1}}, Sources: [traffic.SourceCount]int64{traffic.SourceUserAgent: 1}},
	}}
	if d := cmp.Diff(want, op.Hits); d != "" {
		t.Errorf("hits (-want +got):\n%s", d)
	}
	if other := run.Operation("listCoreV1NamespacedPod"); other.Requests != 0 || other.Tests != nil {
		t.Errorf("%s has hits: %+v", other.ID, other.Hits)
	}
}

func TestAWatchOfAListCountsForTheListOnlyWithoutAWatchOperation(t *testing.T) {
	run := load(t, kubernetes(t),
		asked(t, "one", "GET", "/api/v1/namespaces/a/pods?watch=1", 200),
		asked(t, "one", "GET", "/apis/example.com/v1/taps?watch=1", 200),
		asked(t, "one", "GET", "/apis/example.com/v1/taps", 200),
	)
	for id, want := range map[string]Counts{
		"watchCoreV1NamespacedPodList": {Requests: 1, Successes: 1},
		"listCoreV1NamespacedPod":      {},
		"listExampleComV1Tap":          {Requests: 2, Successes: 2, Watches: 1},
	} {
		if d := cmp.Diff(want, run.Operation(id).Counts); d != "" {
			t.Errorf("%s (-want +got):\n%s", id, d)
		}
	}
}

func TestASwitchOfProtocolsIsASuccess(t *testing.T) {
	run := load(t, kubernetes(t), asked(t, "one", "GET", "/api/v1/nodes/x/proxy", 101), asked(t, "one", "GET", "/version", 301))
	if n := run.Operation("connectCoreV1GetNodeProxy").Successes; n != 1 {
		t.Errorf("%d successes with 101, want 1", n)
	}
	if n := run.Operation("getCodeVersion").Successes; n != 0 {
		t.Errorf("%d successes with 301, want none", n)
	}
}

func TestWhatNoOperationHasIsUnresolved(t *testing.T) {
	run := load(t, kubernetes(t), asked(t, "one", "GET", "/healthz", 200), asked(t, "", "GET", "/healthz", 200), asked(t, "one", "GET", "/version", 200))
	if len(run.Unresolved) != 1 {
		t.Fatalf("unresolved: %+v, want /healthz alone", run.Unresolved)
	}
	u := run.Unresolved[0]
	if u.Path != "/healthz" || u.Requests != 2 || u.Successes != 2 || len(u.Tests) != 2 {
		t.Errorf("unresolved: %+v, want two requests for /healthz", u)
	}
}

func TestOperationsOfATest(t *testing.T) {
	run := load(t, kubernetes(t),
		asked(t, "one", "GET", "/version", 200), asked(t, "two", "GET", "/version", 200), asked(t, "one", "GET", "/api/v1/pods", 200),
	)
	for test, want := range map[string][]string{"one": {"listCoreV1PodForAllNamespaces", "getCodeVersion"}, "two": {"getCodeVersion"}, "three": nil} {
		var got []string
		for _, o := range run.OperationsOf(test) {
			got = append(got, o.Op.ID)
			if o.Use.Test != test {
				t.Errorf("%s: the part of test %q", test, o.Use.Test)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", test, d)
		}
	}
}

func TestARunWithoutOperationsIsAnError(t *testing.T) {
	r, info := record(t, nil, asked(t, "one", "GET", "/version", 200))
	_, err := Load(r, info)
	if !errors.Is(err, ErrNoOperations) || !strings.Contains(err.Error(), "import-openapi") {
		t.Errorf("%v, want ErrNoOperations with a hint", err)
	}
}

// TestRecordedRequestsResolveAsTheyDidLive asks for every operation of the excerpt, and for what is near it. Each request is a
// test of its own.
func TestRecordedRequestsResolveAsTheyDidLive(t *testing.T) {
	ops := kubernetes(t)
	requests := near(t, ops)
	run := load(t, ops, requests...)
	got := map[string]string{}
	for i := range run.Operations {
		for _, use := range run.Operations[i].Tests {
			got[use.Test] += run.Operations[i].ID
			if use.Watches > 0 {
				got[use.Test] += ", watch of list"
			}
		}
	}
	catalog := operation.NewCatalog(ops)
	resolved, refused := 0, 0
	for i := range requests {
		q := &requests[i]
		want := ""
		if op, watchOfList := catalog.Resolve(operation.AskedOf(q.Method, q.Path, q.API)); op != nil {
			resolved++
			want = op.ID
			if watchOfList {
				want += ", watch of list"
			}
		}
		switch {
		case got[q.Test] == want:
		case isRefused(q):
			refused++
		default:
			t.Errorf("%s: recorded it is %q, live %q", q.Test, got[q.Test], want)
		}
	}
	if resolved < len(ops) {
		t.Errorf("%d requests have an operation, want more than the %d operations", resolved, len(ops))
	}
	t.Logf("of %d requests, %d that kube-apiserver refuses resolve otherwise", len(requests), refused)
}

// near returns requests of all methods for what operations are for, and for what is near it.
func near(t *testing.T, ops []operation.Operation) (requests []traffic.Request) {
	t.Helper()
	fill := strings.NewReplacer("{namespace}", "a", "{name}", "x", "{path}", "p/q", "{logpath}", "l/m")
	seen := map[string]bool{}
	for _, op := range ops {
		path := fill.Replace(op.Path)
		for _, uri := range []string{path, path + "?watch=1", path + "?watch=1&fieldSelector=metadata.name%3Dx", path + "/more"} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
				if name := method + " " + uri; !seen[name] {
					seen[name] = true
					requests = append(requests, asked(t, name, method, uri, 200))
				}
			}
		}
	}
	return requests
}

// isRefused tells of requests that the API server refuses, of which endpoints tell too little: see askedOf.
func isRefused(q *traffic.Request) bool {
	legacy := strings.Contains(q.Path, "/v1/watch/") && q.API.Name != ""
	below := q.API.Subresource != "" && q.API.Subresource != "proxy" && strings.HasSuffix(q.Path, "/more")
	return legacy || below || q.API.Verb == "create" && q.API.Subresource == "" && q.API.Name != ""
}
