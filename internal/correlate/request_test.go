package correlate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

func auditOf(verb string) *traffic.Audit {
	return &traffic.Audit{
		ID: "an id", Received: at(10), Completed: at(12), Stages: traffic.AuditReceived | traffic.AuditComplete,
		Path: "/api/v1/namespaces/ns/pods/a", API: traffic.API{Verb: verb, Version: "v1", Resource: "pods", Namespace: "ns", Name: "a"},
		User: "admin", UserAgent: "kubectl/v1", Status: 200,
	}
}

func TestARequestIsByTheSpecsClock(t *testing.T) {
	a := auditOf("get")
	want := traffic.Request{
		Start: at(7), Duration: 2 * time.Second, Method: "GET", Path: a.Path, API: a.API, Status: 200,
		Client: traffic.Client{UserAgent: "kubectl/v1"}, AuditID: "an id", Outcome: traffic.Complete,
	}
	if d := cmp.Diff(want, requestOf(a, 3*time.Second)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestVerbsHaveTheirMethods(t *testing.T) {
	for verb, want := range map[string]string{
		"get": "GET", "list": "GET", "watch": "GET", "create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE",
		"deletecollection": "DELETE", "proxy": "GET", "post": "POST", "head": "HEAD", "options": "OPTIONS", "put": "PUT",
	} {
		if got := requestOf(auditOf(verb), 0).Method; got != want {
			t.Errorf("%s: %s, want %s", verb, got, want)
		}
	}
}

// The log tells of a watch that goes on when its answer began.
func TestAWatchThatWasNotCompletedIsUnfinished(t *testing.T) {
	a := auditOf("watch")
	a.Stages = traffic.AuditReceived | traffic.AuditStarted
	q := requestOf(a, 0)
	if q.Outcome != traffic.Unfinished || q.Duration != 0 || !q.Query.Watch {
		t.Errorf("%v after %v, watch %v; want unfinished, no duration, a watch", q.Outcome, q.Duration, q.Query.Watch)
	}
}

func TestAPanicBreaksTheAnswerOff(t *testing.T) {
	a := auditOf("get")
	a.Stages |= traffic.AuditPanic
	if q := requestOf(a, 0); q.Outcome != traffic.UpstreamAborted || q.Duration != 2*time.Second {
		t.Errorf("%v after %v, want upstream aborted after 2 s", q.Outcome, q.Duration)
	}
}

// A recording does not see bodies, which have the names of new objects.
func TestNamesOfCreatedObjectsAreDropped(t *testing.T) {
	pod, namespace, other, eviction := auditOf("create"), auditOf("create"), auditOf("update"), auditOf("create")
	namespace.API.Resource, eviction.API.Subresource = "namespaces", "eviction"
	for _, tt := range []struct {
		a               *traffic.Audit
		namespace, name string
	}{{pod, "ns", ""}, {namespace, "", ""}, {other, "ns", "a"}, {eviction, "ns", "a"}} {
		if q := requestOf(tt.a, 0); q.API.Namespace != tt.namespace || q.API.Name != tt.name {
			t.Errorf("%+v: in %q, named %q; want %q and %q", tt.a.API, q.API.Namespace, q.API.Name, tt.namespace, tt.name)
		}
	}
}
