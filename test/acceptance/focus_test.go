package acceptance

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/clustertest"
)

// manySpecs are enough for framework noise to be told from what tests are about.
var manySpecs = strings.Join([]string{
	focus,
	"Lease lease API should be available",
	"ConfigMap should run through a ConfigMap lifecycle",
	"Events should manage the lifecycle of an event",
	"EndpointSlice should support creating EndpointSlice API operations",
}, "|")

const leaseTest = "[sig-node] Lease lease API should be available [Conformance]"

// TestOperationsAndFocusOfARealRun runs conformance specs and asks for the operations of one of them, for what is framework noise,
// and for APISnoop's file.
func TestOperationsAndFocusOfARealRun(t *testing.T) {
	cluster := clustertest.Start(t)
	recording := filepath.Join(t.TempDir(), "e2e.db")
	results := filepath.Join(t.TempDir(), "e2e.json")
	since := now(t, cluster)
	proxied(t, cluster, "server", recording, cluster.E2ETest(), "--provider=skeleton", "--kubectl-path="+cluster.Kubectl(),
		"--ginkgo.no-color", "--ginkgo.v", "--ginkgo.focus="+manySpecs, "--ginkgo.json-report="+results)
	giveOperations(t, cluster, recording)

	operations := operationsOf(t, cluster, recording, leaseTest)
	compareOperationsWithAudit(t, cluster, since, rows(t, cluster, recording, "server"), operations)
	checkNoise(t, cluster, recording)
	checkExport(t, cluster, recording, operations)
}

// giveOperations gives the recorded run what its server documents.
func giveOperations(t *testing.T, c *clustertest.Cluster, recording string) {
	t.Helper()
	document := filepath.Join(t.TempDir(), "v2.json")
	if err := os.WriteFile(document, []byte(mustRun(t, c, c.Kubectl(), "get", "--raw", "/openapi/v2")), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, c, filepath.Join(bin, "report"), "import-openapi", "--db", recording, document)
}

// operationRow is an operation of "report test", "report endpoint" or "report focus --operations".
type operationRow struct {
	Operation, Method, Path, Deprecated, Test, Noise string
	Requests, Tests, Example                         int
}

// reported is what a report says in JSON of the recording's only run.
func reported[T any](t *testing.T, c *clustertest.Cluster, recording string, args ...string) (answer T) {
	t.Helper()
	out := mustRun(t, c, filepath.Join(bin, "report"), append(args, "--db", recording)...)
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("report %v: %v\n%s", args, err, tail(out))
	}
	return answer
}

func operationsOf(t *testing.T, c *clustertest.Cluster, recording, test string) []operationRow {
	t.Helper()
	list := reported[[]operationRow](t, c, recording, "test", test, "-o", "json")
	if len(list) < 8 {
		t.Fatalf("%d operations of %s, want 8 at least: %+v", len(list), test, list)
	}
	for _, op := range list[:2] { // the other way round
		if !slices.ContainsFunc(reported[[]operationRow](t, c, recording, "endpoint", op.Operation, "-o", "json"), func(r operationRow) bool {
			return r.Test == test && r.Requests == op.Requests && r.Example > 0
		}) {
			t.Errorf("%s does not have %d requests of %s", op.Operation, op.Requests, test)
		}
	}
	return list
}

// askedIn says what requests for a documented operation ask for: "list leases".
func askedIn(op operationRow) string {
	parts := strings.Split(strings.Trim(op.Path, "/"), "/")
	named := strings.HasPrefix(parts[len(parts)-1], "{")
	resource := parts[len(parts)-1]
	if named {
		resource = parts[len(parts)-2]
	}
	verb := map[string]string{"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "deletecollection", "GET": "list"}[op.Method]
	switch {
	case slices.Contains(parts, "watch"):
		verb = "watch"
	case named && op.Method == "DELETE":
		verb = "delete"
	case named && op.Method == "GET":
		verb = "get"
	}
	return verb + " " + resource
}

// compareOperationsWithAudit compares what a test asked for with what the API server logged under the test's User-Agent.
func compareOperationsWithAudit(t *testing.T, c *clustertest.Cluster, since moment, list []row, operations []operationRow) {
	t.Helper()
	waitLogged(t, c, since, list)
	logged, reported := map[string]bool{}, map[string]bool{}
	for _, e := range c.AuditSince(t, since.offset) {
		if strings.HasSuffix(e.UserAgent, " -- "+leaseTest) && e.ObjectRef != nil {
			logged[e.Verb+" "+e.ObjectRef.Resource] = true
		}
	}
	for _, op := range operations {
		reported[askedIn(op)] = true
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(logged)), slices.Sorted(maps.Keys(reported))); d != "" {
		t.Errorf("of %s (-logged +reported):\n%s", leaseTest, d)
	}
}

// checkNoise checks that what the framework does for each test is noise, and nothing that one test did in its body.
func checkNoise(t *testing.T, c *clustertest.Cluster, recording string) {
	t.Helper()
	noise := map[string]bool{}
	for _, op := range reported[[]operationRow](t, c, recording, "focus", "--operations", "-o", "json") {
		noise[op.Operation] = op.Noise == "yes"
		if op.Noise == "yes" && op.Tests < 15 {
			t.Errorf("%s of %d tests is taken for noise", op.Operation, op.Tests)
		}
	}
	for id, want := range map[string]bool{
		"createCoreV1Namespace": true, "deleteCoreV1Namespace": true, "watchCoreV1NamespacedServiceAccount": true,
		"replaceCoordinationV1NamespacedLease": false, "createCoreV1NamespacedPod": false,
	} {
		if is, found := noise[id]; !found || is != want {
			t.Errorf("%s is asked for: %v, noise: %v; want %v", id, found, is, want)
		}
	}
	for _, test := range reported[[]struct {
		Test                     string
		Operations, Alone, Noise int
	}](t, c, recording, "focus", "-o", "json") {
		if test.Test == leaseTest && (test.Operations < 5 || test.Alone == 0 || test.Noise < 3) {
			t.Errorf("%+v, want 5 operations at least, some of them its own, and 3 of noise", test)
		}
	}
}

// checkExport checks that APISnoop's file says the same of the test's operations.
func checkExport(t *testing.T, c *clustertest.Cluster, recording string, operations []operationRow) {
	t.Helper()
	file := reported[struct {
		Release   string
		Endpoints []struct {
			Endpoint string
			Tested   bool
			Tests    []string
		}
	}](t, c, recording, "export", "--format", "apisnoop")
	tests := map[string][]string{}
	for _, e := range file.Endpoints {
		if e.Tested {
			tests[e.Endpoint] = e.Tests
		}
	}
	if file.Release != "1.37.0" || len(file.Endpoints) < 500 {
		t.Errorf("%d endpoints of release %s, want 500 at least of 1.37.0", len(file.Endpoints), file.Release)
	}
	for _, op := range operations {
		if op.Deprecated == "no" && !slices.Contains(tests[op.Operation], leaseTest) {
			t.Errorf("%s is not in the file as tested by %s", op.Operation, leaseTest)
		}
	}
}
