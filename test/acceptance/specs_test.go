package acceptance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/clustertest"
)

// focus chooses conformance specs of several kinds that nodes without real containers can serve, some of which run
// kubectl.
var focus = strings.Join([]string{
	"Kubectl api-versions should check if v1 is in available api versions",
	"Kubectl describe should check if kubectl describe prints relevant information for rc and pods",
	"Kubectl patch should add annotations for pods in rc",
	"Kubectl label should update the label on a resource",
	"Kubectl diff should check if kubectl diff finds a difference for Deployments",
	"Secrets should patch a secret",
	"PodTemplates should run the lifecycle of PodTemplates",
	"RuntimeClass .*should support RuntimeClasses API operations",
	"Certificates API .* should support CSR API operations",
	"ServiceAccounts should run through the lifecycle of a ServiceAccount",
	"Ingress API should support creating Ingress API operations",
	"Services should find a service from listing all namespaces",
	"LimitRange should create a LimitRange with defaults",
}, "|")

// e2e is the command line of the e2e suite for the focused specs.
func e2e(c *clustertest.Cluster, report string) []string {
	return []string{
		c.E2ETest(), "--provider=skeleton", "--kubectl-path=" + c.Kubectl(), "--ginkgo.no-color", "--ginkgo.v",
		"--ginkgo.focus=" + focus, "--ginkgo.json-report=" + report,
	}
}

// specReport is what the tests read of a spec in ginkgo's JSON report.
type specReport struct {
	ContainerHierarchyTexts           []string
	LeafNodeText, LeafNodeType, State string
	StartTime, EndTime                time.Time
	ParallelProcess                   int
	SpecEvents                        []specEvent
}

// specEvent is a step, or the beginning or end of a node.
type specEvent struct {
	SpecEventType    string
	TimelineLocation struct{ Time time.Time }
}

// name is the spec's as the User-Agent has it.
func (s *specReport) name() string {
	return strings.Join(append(s.ContainerHierarchyTexts, s.LeafNodeText), " ")
}

// readReport returns the specs that ran.
func readReport(t *testing.T, report string) []specReport {
	t.Helper()
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var suites []struct{ SpecReports []specReport }
	if err := json.Unmarshal(data, &suites); err != nil {
		t.Fatal(err)
	}
	var ran []specReport
	for _, s := range suites[0].SpecReports {
		if s.LeafNodeType == "It" && !s.EndTime.IsZero() {
			ran = append(ran, s)
		}
	}
	return ran
}

// outcomes returns the state of every spec that was run, by its name.
func outcomes(t *testing.T, report string) map[string]string {
	t.Helper()
	states := map[string]string{}
	for _, s := range readReport(t, report) {
		states[s.name()] = s.State
	}
	return states
}

// TestSpecsBehindTheProxy runs real conformance specs without the proxy and behind it in both modes. Every spec must
// end alike, every request must be in the recording as it is in the API server's audit log, and nothing else may be.
func TestSpecsBehindTheProxy(t *testing.T) {
	cluster := clustertest.Start(t)
	dir := t.TempDir()
	direct := filepath.Join(dir, "direct.json")
	command := e2e(cluster, direct)
	run(t, cluster, command[0], command[1:]...) // failing specs fail it; how they end is compared
	want := outcomes(t, direct)
	t.Logf("without the proxy: %v", want)
	if passed := count(want, "passed"); passed < 8 {
		t.Fatalf("without the proxy %d specs pass, want 8 at least to compare: %v", passed, want)
	}
	db := filepath.Join(dir, "e2e.db")
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			report := filepath.Join(dir, mode+".json")
			start := now(t, cluster)
			proxied(t, cluster, mode, db, e2e(cluster, report)...)
			if d := cmp.Diff(want, outcomes(t, report)); d != "" {
				t.Errorf("specs end differently behind the proxy (-without +with):\n%s", d)
			}
			list := rows(t, cluster, db, mode)
			compareWithAudit(t, cluster, start, list)
			explained(t, cluster, db, mode, start, list)
			everyTestHasRows(t, list, want)
		})
	}
}

func count(states map[string]string, state string) (n int) {
	for _, s := range states {
		if s == state {
			n++
		}
	}
	return n
}

// everyTestHasRows checks the attribution: each spec sends requests as itself, no other name appears, and every request of
// kubectl has a test, which the audit log knows as well.
func everyTestHasRows(t *testing.T, list []row, specs map[string]string) {
	t.Helper()
	seen := map[string]int{}
	for _, r := range list {
		isKubectl := strings.HasPrefix(r.UserAgent, "kubectl/")
		if r.Test == "" {
			if isKubectl {
				t.Errorf("a request of kubectl without a test (%s): %s %s", r.Why, r.Verb, r.Path)
			}
			continue
		}
		seen[r.Test]++
		if _, known := specs[r.Test]; !known {
			t.Errorf("a request of the test %q, which is not one of the specs", r.Test)
		}
		if !strings.HasSuffix(sentAgent(r), " -- "+r.Test) {
			t.Errorf("test %q from %s, but the User-Agent that went upstream is %q", r.Test, r.Source, sentAgent(r))
		}
		if want := map[bool]string{true: "process", false: "user-agent"}[isKubectl]; r.Source != want {
			t.Errorf("test %q of %q from %s, want %s", r.Test, r.UserAgent, r.Source, want)
		}
	}
	for spec := range specs {
		if seen[spec] == 0 {
			t.Errorf("no request of spec %q", spec)
		}
	}
}
