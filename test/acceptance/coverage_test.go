package acceptance

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/discovery"

	"e2etap/internal/clustertest"
	"e2etap/internal/conformance"
	"e2etap/internal/coverage"
	"e2etap/internal/operation"
)

// covered chooses specs of built-in resources, and one that makes custom resources and deletes their definition within
// seconds.
var covered = strings.Join([]string{
	"Secrets should patch a secret",
	"Kubectl patch should add annotations for pods in rc",
	"RuntimeClass .*should support RuntimeClasses API operations",
	"LimitRange should create a LimitRange with defaults",
	"Simple CustomResourceDefinition listing custom resource definition objects works",
	"custom resource defaulting for requests and from storage works",
}, "|")

// customGroup is of those specs' custom resources (k8s.io/apiextensions-apiserver, test/integration/fixtures).
const customGroup = "mygroup.example.com"

// TestEveryRequestForAResourceHasAnOperation of real specs, and all but discovery of custom resources and what no document
// has of the others.
func TestEveryRequestForAResourceHasAnOperation(t *testing.T) {
	c := clustertest.Start(t)
	dir := t.TempDir()
	db := filepath.Join(dir, "e2e.db")
	mustRun(t, c, filepath.Join(bin, "proxy"), "run", "--db", db, "--run-name", "covered", "--",
		c.E2ETest(), "--provider=skeleton", "--kubectl-path="+c.Kubectl(), "--ginkgo.no-color", "--ginkgo.v", "--ginkgo.focus="+covered,
		"--ginkgo.json-report="+filepath.Join(dir, "report.json"))

	custom := 0
	for _, r := range rows(t, c, db, "covered") {
		if r.Group == customGroup && r.Status/100 == 2 {
			custom++
		}
	}
	if custom == 0 {
		t.Error("no request for a custom resource succeeded, want some: another spec has to be chosen")
	}
	for _, u := range unresolved(t, c, db) {
		if u.Resource != "" || !undocumented(u.Path) {
			t.Errorf("no operation: %+v", u)
		}
	}
	hit := map[string]any{}
	for _, g := range coverageBy(t, c, db, "group") {
		hit[g["group"].(string)] = g["hit"]
	}
	if n, _ := hit[customGroup].(float64); n < 1 {
		t.Errorf("%v operations of %s were hit, want some", hit[customGroup], customGroup)
	}
}

// endpoint is a row of "report coverage --unresolved -o json".
type endpoint struct {
	Method, Verb, Group, Version, Resource, Path string
	Requests                                     int
}

func unresolved(t *testing.T, c *clustertest.Cluster, db string) (list []endpoint) {
	t.Helper()
	out := mustRun(t, c, filepath.Join(bin, "report"), "--db", db, "coverage", "--unresolved", "-o", "json")
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v\n%s", err, tail(out))
	}
	return list
}

func coverageBy(t *testing.T, c *clustertest.Cluster, db, by string) (list []map[string]any) {
	t.Helper()
	out := mustRun(t, c, filepath.Join(bin, "report"), "--db", db, "coverage", "--by", by, "-o", "json")
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v\n%s", err, tail(out))
	}
	return list
}

// undocumented tells of paths that are for no resource and in no document of OpenAPI.
func undocumented(path string) bool {
	for _, prefix := range []string{"/healthz", "/livez", "/readyz", "/metrics", "/openapi/", "/apis/" + customGroup} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// checkEligible compares how many operations are eligible, of a server that serves all APIs, with what APISnoop's rules say
// of Kubernetes v1.37.2 (see the package conformance).
func checkEligible(t *testing.T, c *clustertest.Cluster, ops []operation.Operation) {
	t.Helper()
	version, err := discovery.NewDiscoveryClientForConfigOrDie(c.RESTConfig(t)).ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	lists, exact, err := conformance.Load(version.GitVersion)
	if err != nil || !exact {
		t.Fatalf("conformance lists of %s: exact %v, %v", version.GitVersion, exact, err)
	}
	run := &coverage.Run{}
	var listed []conformance.Operation
	for _, op := range ops {
		run.Operations = append(run.Operations, coverage.Op{Operation: op})
		listed = append(listed, conformance.Operation{ID: op.ID, Level: op.Level.String(), Deprecated: op.Deprecated})
	}
	if n := lists.Count(listed); n.Stable != 709 || n.Eligible != 603 {
		t.Errorf("%d stable and %d eligible operations, want 709 and 603", n.Stable, n.Eligible)
	}
	run.Judge(lists)
	if _, total := run.Summarize(nil, coverage.Choice{}); total.Eligible != 603 {
		t.Errorf("coverage takes %d operations for eligible, want 603", total.Eligible)
	}
}
