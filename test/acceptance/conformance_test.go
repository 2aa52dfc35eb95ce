package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"e2etap/internal/clustertest"
	"e2etap/internal/conformance"
	"e2etap/internal/spec"
)

// The suite's own list of its specs stands for what its User-Agents would name: both join the same texts
// (k8s.io/kubernetes, test/e2e/framework, LoadConfig).
func TestEveryConformanceTestIsFoundByTheSuitesName(t *testing.T) {
	c := clustertest.Start(t)
	lists, exact, err := conformance.Load("v1.37.2")
	if err != nil || !exact {
		t.Fatal(exact, err)
	}
	found := map[string]bool{}
	for _, name := range suiteNames(t, c) {
		if test, ok := lists.Match(name); ok {
			if found[test.Name] {
				t.Errorf("%s: found twice, now by %s", test.Name, name)
			}
			found[test.Name] = true
		} else if strings.Contains(name, "[Conformance]") {
			t.Errorf("not in the list: %s", name)
		}
	}
	for _, test := range lists.Tests {
		if !found[test.Name] {
			t.Errorf("no spec of the suite is %s", test.Name)
		}
	}
}

// suiteNames returns the names of all specs of the e2e suite.
func suiteNames(t *testing.T, c *clustertest.Cluster) []string {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	mustRun(t, c, c.E2ETest(), "--provider=skeleton", "--ginkgo.dry-run", "--ginkgo.json-report="+report)
	f, err := os.Open(report)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	specs, err := spec.ReadResults(f, report)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range specs {
		names = append(names, s.Test)
	}
	return names
}
