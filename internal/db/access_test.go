package db

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// accessesOf writes what Accesses gives, one line each.
func accessesOf(t *testing.T, r *Reader, f Filter, names bool) (lines []string) {
	t.Helper()
	err := r.Accesses(f, names, func(a *Access) error {
		lines = append(lines, fmt.Sprintf("%s|%s %s:%s/%s in %q named %q path %q: %d, %d times",
			a.Test, a.Verb, a.Group, a.Resource, a.Subresource, a.Namespace, a.Name, a.Path, a.Status, a.Requests))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// recordingOf makes a recording of one run.
func recordingOf(t *testing.T, requests ...traffic.Request) *Reader {
	t.Helper()
	path := dbPath(t)
	rec := createFor(t, path)
	finish(t, rec, requests...)
	closeRecorder(t, rec)
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func answered(status int, method, uri string) traffic.Request {
	q := asked(method, uri)
	q.Status = status
	return q
}

func TestAccesses(t *testing.T) {
	const pods = "/api/v1/namespaces/a/pods"
	ofTest := answered(200, "GET", pods+"/p")
	ofTest.Attribution = traffic.Attribution{Test: "one", Source: traffic.SourceUserAgent}
	refused, open := answered(403, "GET", pods+"/no"), answered(0, "GET", pods+"/open")
	refused.Outcome = traffic.Refused
	r := recordingOf(t, ofTest, answered(200, "GET", pods+"/p"), answered(200, "GET", pods+"/q"), answered(404, "GET", pods+"/q"),
		answered(200, "GET", "/api/v1/pods?fieldSelector=metadata.name%3Dp"), answered(200, "GET", "/api/v1/namespaces/a"),
		answered(201, "POST", "/api/v1/namespaces"), answered(101, "POST", pods+"/p/exec?command=x"), answered(200, "GET", "/openapi/v3/a%20b"),
		answered(200, "GET", "/openapi/v3/a%20b"), answered(200, "GET", "/openapi/v3/c"), refused, open)
	for _, tt := range []struct {
		names bool
		want  []string
	}{
		{true, []string{
			`one|get :pods/ in "a" named "p" path "": 200, 1 times`,
			`|create :namespaces/ in "" named "" path "": 201, 1 times`,
			`|create :pods/exec in "a" named "p" path "": 101, 1 times`,
			`|get :/ in "" named "" path "/openapi/v3/a b": 200, 2 times`,
			`|get :/ in "" named "" path "/openapi/v3/c": 200, 1 times`,
			`|get :namespaces/ in "a" named "a" path "": 200, 1 times`,
			`|get :pods/ in "a" named "p" path "": 200, 1 times`,
			`|get :pods/ in "a" named "q" path "": 200, 1 times`,
			`|get :pods/ in "a" named "q" path "": 404, 1 times`,
			`|list :pods/ in "" named "p" path "": 200, 1 times`,
		}},
		{false, []string{
			`one|get :pods/ in "a" named "" path "": 200, 1 times`,
			`|create :namespaces/ in "" named "" path "": 201, 1 times`,
			`|create :pods/exec in "a" named "" path "": 101, 1 times`,
			`|get :/ in "" named "" path "/openapi/v3/a b": 200, 2 times`,
			`|get :/ in "" named "" path "/openapi/v3/c": 200, 1 times`,
			`|get :namespaces/ in "a" named "" path "": 200, 1 times`,
			`|get :pods/ in "a" named "" path "": 200, 2 times`,
			`|get :pods/ in "a" named "" path "": 404, 1 times`,
			`|list :pods/ in "" named "" path "": 200, 1 times`,
		}},
	} {
		if diff := cmp.Diff(tt.want, accessesOf(t, r, Filter{Runs: []int64{1}}, tt.names)); diff != "" {
			t.Errorf("names %v: -want +got\n%s", tt.names, diff)
		}
	}
	failure, calls := errors.New("enough"), 0
	err := r.Accesses(Filter{Runs: []int64{1}}, true, func(*Access) error { calls++; return failure })
	if !errors.Is(err, failure) || calls != 1 {
		t.Errorf("%v after %d calls, want %v after one", err, calls, failure)
	}
}

// What an audit log has of a body is not what the API server authorized.
func TestAccessesDoNotHaveABodysNames(t *testing.T) {
	create := traffic.Request{Path: "/api/v1/namespaces", Status: 201,
		API: traffic.API{Verb: "create", Version: "v1", Resource: "namespaces", Namespace: "a", Name: "a"}}
	pod := traffic.Request{Path: "/api/v1/namespaces/a/pods", Status: 201,
		API: traffic.API{Verb: "create", Version: "v1", Resource: "pods", Namespace: "a", Name: "p"}}
	want := []string{
		`|create :namespaces/ in "" named "" path "": 201, 1 times`,
		`|create :pods/ in "a" named "" path "": 201, 1 times`,
	}
	if diff := cmp.Diff(want, accessesOf(t, recordingOf(t, create, pod), Filter{Runs: []int64{1}}, true)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestFilterByUserAgent(t *testing.T) {
	by := func(agent, uri string) traffic.Request {
		q := answered(200, "GET", uri)
		q.Client.UserAgent = agent
		return q
	}
	r := recordingOf(t, by("kubectl/v1.37.2 (linux/amd64)", "/a"), by("kubectl-gadget/v1", "/b"), by("e2e.test/v1.37.2 -- [sig] kubectl/x", "/c"))
	for _, tt := range []struct {
		client, agent string
		want          string // last letters of the paths
	}{
		{"kubectl", "", "a"}, {"", "kubectl", "abc"}, {"", "-- [sig] kubectl/", "c"}, {"e2e.test", "kubectl", "c"}, {"kubectl", "e2e", ""}, {"kube", "", ""},
	} {
		f, got := Filter{Runs: []int64{1}, Client: tt.client, UserAgent: tt.agent}, ""
		err := r.List(f, func(e *Entry) error { got += e.Path[1:]; return nil })
		if err != nil || got != tt.want {
			t.Errorf("client %q, User-Agent %q: %q, %v; want %q", tt.client, tt.agent, got, err, tt.want)
		}
		groups, _, err := r.Summarize([]Dimension{Test}, f)
		if err != nil || len(tt.want) > 0 && (len(groups) != 1 || groups[0].Requests != int64(len(tt.want))) || len(tt.want) == 0 && len(groups) > 0 {
			t.Errorf("client %q, User-Agent %q: %d groups, %v; want one of %d", tt.client, tt.agent, len(groups), err, len(tt.want))
		}
	}
}
