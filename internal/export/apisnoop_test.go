package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/apirequest"
	"e2etap/internal/conformance"
	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

const (
	plain  = "[sig-node] Pods should run"
	listed = "[sig-node] Pods should stop [Conformance]"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))

// asked is a request of a test.
func asked(t *testing.T, test, method, uri string, status int) traffic.Request {
	t.Helper()
	u, err := url.Parse(uri)
	check(t, err)
	q := traffic.Request{Start: start, Method: method, Path: u.EscapedPath(), Status: status}
	q.API, q.Query = apirequest.Parse(method, u.Path, u.RawQuery)
	if test != "" {
		q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceUserAgent}
	}
	return q
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// recorded is a run with Kubernetes' operations, of an excerpt, and one of a custom resource.
func recorded(t *testing.T, specs []*traffic.Spec, requests ...traffic.Request) (*db.Reader, db.RunInfo) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "operation", "testdata", "swagger.json"))
	check(t, err)
	defer f.Close()
	ops, err := operation.Read(f, f.Name())
	check(t, err)
	ops = append(ops, operation.Operation{ID: "listTap", Method: "GET", Path: "/apis/example.com/v1/taps", Group: "example.com", Version: "v1", Kind: "Tap"})
	document, err := operation.Encode(ops)
	check(t, err)
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Name: "pr-1", Start: start}, db.Options{})
	check(t, err)
	check(t, rec.SetOperations(document))
	for _, s := range specs {
		check(t, rec.Spec(s))
	}
	for i := range requests {
		check(t, rec.Finish(&requests[i]))
	}
	check(t, rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}))
	r, err := db.OpenReader(path)
	check(t, err)
	t.Cleanup(func() { r.Close() })
	info, err := r.Run(db.LatestRun)
	check(t, err)
	return r, info
}

// snooped makes a file of a run in which one conformance test and one other are known.
func snooped(t *testing.T, successful bool, lists conformance.Lists, requests ...traffic.Request) *APISnoop {
	t.Helper()
	r, info := recorded(t, nil, requests...)
	run, err := coverage.Load(r, info)
	check(t, err)
	run.Judge(lists)
	return NewAPISnoop(run, "1.37.0", successful)
}

func lists() conformance.Lists {
	return conformance.Lists{
		Tests:      []conformance.Test{{Name: listed, Testname: "Pods, stop", File: "pods.go", Release: "v1.9, v1.18"}},
		Ineligible: map[string]string{"getCodeVersion": "no"},
	}
}

func (a *APISnoop) endpoint(t *testing.T, id string) APISnoopEndpoint {
	t.Helper()
	for _, e := range a.Endpoints {
		if e.Endpoint == id {
			return e
		}
	}
	t.Fatalf("no endpoint is %s", id)
	return APISnoopEndpoint{}
}

// shape is what APISnoop's 1.37.0.json has at each place, at the commit that APISnoop names: a type, or two if null is one.
var shape = map[string]map[string]string{
	"": {
		"release": "string", "release_date": "string", "spec": "string", "sources": "[]", "endpoints": "[]", "tests": "[]",
		"total endpoints": "float64", "tested endpoints": "float64", "total conformance eligible endpoints": "float64",
		"tested conformance eligible endpoints": "float64", "new conformance eligible endpoints": "float64",
		"new tested conformance eligible endpoints": "float64",
	},
	"endpoints": {
		"endpoint": "string", "release": "string", "level": "string", "category": "string", "path": "string", "description": "string",
		"kind": "string", "version": "string", "group": "string", "action": "string", "tested": "bool", "conf_tested": "bool", "tests": "[]",
	},
	"tests": {
		"test": "string", "release": "string", "conformance_test": "bool", "testname": "string", "file": "string", "promotion_release": "string",
	},
}

// nullable are null in that file, too, or not known to e2etap and not needed by APISnoop's site.
var nullable = map[string]bool{
	"kind": true, "version": true, "group": true, "action": true, "testname": true, "file": true, "promotion_release": true,
	"spec": true, "description": true, "new conformance eligible endpoints": true, "new tested conformance eligible endpoints": true,
}

func compareShape(t *testing.T, at string, object map[string]any) {
	t.Helper()
	for name, want := range shape[at] {
		value, has := object[name]
		got := fmt.Sprintf("%T", value)
		if _, list := value.([]any); list {
			got = "[]"
		}
		if !has || got != want && (value != nil || !nullable[name]) {
			t.Errorf("%s %q is %v, %s; want %s", at, name, value, got, want)
		}
	}
	if len(object) != len(shape[at]) {
		t.Errorf("%s has %d fields, want %d: %v", at, len(object), len(shape[at]), object)
	}
}

func TestAPISnoopsFilesHaveThisShape(t *testing.T) {
	a := snooped(t, false, lists(), asked(t, plain, "GET", "/version", 200), asked(t, listed, "POST", "/api/v1/namespaces/a/pods", 201))
	var b bytes.Buffer
	check(t, WriteJSON(&b, a))
	var file map[string]any
	check(t, json.Unmarshal(b.Bytes(), &file))
	compareShape(t, "", file)
	for _, list := range []string{"endpoints", "tests"} {
		items := file[list].([]any)
		if len(items) < 2 {
			t.Errorf("%d %s, want 2 at least", len(items), list)
		}
		for _, item := range items {
			compareShape(t, list, item.(map[string]any))
		}
	}
}

func TestAPISnoopEndpoint(t *testing.T) {
	a := snooped(t, false, lists(),
		asked(t, plain, "POST", "/api/v1/namespaces/a/pods", 201), asked(t, listed, "POST", "/api/v1/namespaces/a/pods", 409),
		asked(t, "", "POST", "/api/v1/namespaces/a/pods", 201))
	kind, version, group, action, one, two := "Pod", "v1", "", "post", plain, listed
	want := APISnoopEndpoint{
		Endpoint: "createCoreV1NamespacedPod", Release: "1.37.0", Level: "stable", Category: "core", Path: "/api/v1/namespaces/{namespace}/pods",
		Kind: &kind, Version: &version, Group: &group, Action: &action, Tested: true, ConfTested: true, Tests: []*string{&one, &two, nil},
	}
	if d := cmp.Diff(want, a.endpoint(t, want.Endpoint)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	version1 := a.endpoint(t, "getCodeVersion")
	if version1.Kind != nil || version1.Group != nil || version1.Version != nil || version1.Action != nil || version1.Tested || len(version1.Tests) != 1 || version1.Tests[0] != nil {
		t.Errorf("%+v, want no kind, group, version and action, and no test but null", version1)
	}
	if level := a.endpoint(t, "getServiceAccountIssuerOpenIDKeyset").Level; level != "beta" {
		t.Errorf("the level of the keyset is %s, want beta", level)
	}
}

func TestAPISnoopTestedBySuccessOnly(t *testing.T) {
	requests := []traffic.Request{
		asked(t, listed, "GET", "/api/v1/namespaces/a/pods/x", 404), asked(t, listed, "GET", "/api/v1/namespaces/a/pods", 200),
		asked(t, plain, "GET", "/api/v1/namespaces/a/pods", 403), asked(t, "", "GET", "/version", 200),
	}
	type counts struct {
		Total, Tested, Eligible, EligibleTested int
		ReadBy, ListedBy                        int
	}
	for successful, want := range map[bool]counts{false: {Tested: 2, EligibleTested: 2, ReadBy: 1, ListedBy: 2}, true: {Tested: 1, EligibleTested: 1, ReadBy: 1, ListedBy: 1}} {
		a := snooped(t, successful, lists(), requests...)
		read, list := a.endpoint(t, "readCoreV1NamespacedPod"), a.endpoint(t, "listCoreV1NamespacedPod")
		got := counts{Tested: a.TotalTested, EligibleTested: *a.EligibleTested, ReadBy: len(read.Tests), ListedBy: len(list.Tests)}
		if got != want || read.Tested == successful || a.Total != len(a.Endpoints) || *a.Eligible == 0 || *a.Eligible >= a.Total {
			t.Errorf("successful %v: %+v of %d, %d eligible, read %+v; want %+v", successful, got, a.Total, *a.Eligible, read, want)
		}
	}
}

func TestAPISnoopHasNoDeprecatedAndNoCustomOperations(t *testing.T) {
	for _, e := range snooped(t, false, lists(), asked(t, plain, "GET", "/apis/example.com/v1/taps", 200), asked(t, plain, "GET", "/api/v1/pods?watch=1", 200)).Endpoints {
		if e.Endpoint == "listTap" || e.Tested {
			t.Errorf("%s is in the file", e.Endpoint)
		}
	}
}

func TestAPISnoopTests(t *testing.T) {
	requests := []traffic.Request{asked(t, plain, "GET", "/healthz", 200), asked(t, listed, "GET", "/version", 200), asked(t, "", "GET", "/version", 200)}
	name, file, promoted := "Pods, stop", "pods.go", "1.18.0"
	want := []APISnoopTest{
		{Test: plain, Release: "1.37.0"},
		{Test: listed, Release: "1.37.0", ConformanceTest: true, Testname: &name, File: &file, PromotionRelease: &promoted},
	}
	a := snooped(t, false, lists(), requests...)
	if d := cmp.Diff(want, a.Tests); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if unknown := snooped(t, false, conformance.Lists{}, requests...); unknown.Eligible != nil || unknown.EligibleTested != nil || unknown.Tests[1].ConformanceTest {
		t.Errorf("%+v, want nothing said of conformance", unknown.Tests)
	}
	if a.ReleaseDate != "2026-03-01T11:00:00" || len(a.Sources) != 1 || a.Sources[0] != "pr-1" {
		t.Errorf("of %s from %v, want the run's", a.ReleaseDate, a.Sources)
	}
}

// The pairs are from APISnoop's 1.37.0.json.
func TestCategory(t *testing.T) {
	for path, want := range map[string]string{
		"/api/": "core", "/api/v1/nodes": "core", "/apis/": "apis", "/apis/apps/": "apps", "/apis/rbac.authorization.k8s.io/v1/roles": "rbacAuthorization",
		"/apis/flowcontrol.apiserver.k8s.io/": "flowcontrolApiserver", "/apis/node.k8s.io/v1/": "node", "/logs/{logpath}": "logs",
		"/openid/v1/jwks/": "openid", "/.well-known/openid-configuration/": "WellKnown", "/version/": "version",
	} {
		if got := category(path); got != want {
			t.Errorf("the category of %s is %q, want %q", path, got, want)
		}
	}
}

func TestPromotion(t *testing.T) {
	for listed, want := range map[string]string{"": "1.9.0", "v1.16": "1.16.0", "v1.9, v1.18": "1.18.0", "1.20": "1.20.0"} {
		if got := promotion(listed); got != want {
			t.Errorf("%q became %s, want %s", listed, got, want)
		}
	}
}

func TestRelease(t *testing.T) {
	for version, want := range map[string]string{"v1.37.2": "1.37.0", "1.36": "1.36.0", "v1.27+": "1.27.0", "v1.36.3-gke.1200+abc": "1.36.0", "": "", "latest": "", "v1": "", "v1.": ""} {
		got, err := Release(version)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is of release %q, %v; want %q", version, got, err, want)
		}
	}
}
