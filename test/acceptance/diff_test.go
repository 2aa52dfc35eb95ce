package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"e2etap/internal/clustertest"
)

// TestTwoRunsOfTheSameSpecsDoNotDiffer runs conformance specs, some of which run kubectl, watch and poll, twice behind the proxy, in
// the orders of two seeds: no operation is gained or lost, in all or by a test, and no test, client or error. The second run keeps to
// the budget that the first one makes, but for times and bytes, which are the machine's and the cluster's, and
// for conflicts, which are a matter of luck.
func TestTwoRunsOfTheSameSpecsDoNotDiffer(t *testing.T) {
	cluster := clustertest.Start(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.db"), filepath.Join(dir, "second.db")
	for i, recording := range []string{first, second} {
		command := append(e2e(cluster, filepath.Join(dir, "report.json")), fmt.Sprintf("--ginkgo.seed=%d", i+1))
		proxied(t, cluster, "server", recording, command...) // what matters is what they ask for, not how they end
	}
	if n := len(rows(t, cluster, first, "server")); n < 200 {
		t.Fatalf("%d requests are recorded, want 200 at least to compare", n)
	}
	changes, err := diff(t, cluster, first, second)
	for _, c := range changes {
		t.Errorf("%s: %s%s %s: %d before, %d after", c.Kind, c.Test, c.Client, c.Operation, c.Before, c.After)
	}
	if err != nil {
		t.Errorf("report diff: %v, want exit code 0", err)
	}
	for _, v := range overBudget(t, cluster, first, second) {
		if !slices.Contains([]string{"p99", "max", "bytesIn", "bytesOut", "errors4xx"}, v.What) {
			t.Errorf("limit %q of the first run: the second has %s: %v, allowed %v", v.Limit, v.What, v.Measured, v.Allowed)
		}
	}
}

// TestASpecThatIsGoneIsTheDifference between two runs: the spec, and the operations that no other asks for.
func TestASpecThatIsGoneIsTheDifference(t *testing.T) {
	cluster := clustertest.Start(t)
	dir := t.TempDir()
	all, fewer := filepath.Join(dir, "all.db"), filepath.Join(dir, "fewer.db")
	const kept, gone = "ServiceAccounts should run through the lifecycle of a ServiceAccount", "Secrets should patch a secret"
	for recording, focus := range map[string]string{all: kept + "|" + gone, fewer: kept} {
		if _, err := proxied(t, cluster, "server", recording, cluster.E2ETest(), "--provider=skeleton", "--ginkgo.no-color", "--ginkgo.focus="+focus); err != nil {
			t.Fatal(err)
		}
	}
	changes, err := diff(t, cluster, all, fewer)
	lost := map[string]bool{}
	for _, c := range changes {
		lost[c.Kind+" "+c.Operation] = true
		if c.Kind != "operation lost" && c.Kind != "test lost" {
			t.Errorf("%+v, want nothing but losses", c)
		}
	}
	if err == nil || !lost["operation lost create v1 secrets (namespaced)"] || !lost["test lost "] {
		t.Errorf("%v, %v; want an error, the spec, and the creation of secrets lost", err, changes)
	}
}

// change is a line of "report diff -o json".
type change struct {
	Kind, Test, Client, Operation string
	Before, After                 int64
}

func diff(t *testing.T, c *clustertest.Cluster, before, after string) ([]change, error) {
	t.Helper()
	out, err := run(t, c, filepath.Join(bin, "report"), "diff", before, after, "-o", "json")
	var changes []change
	if err := json.Unmarshal([]byte(out), &changes); err != nil {
		t.Fatalf("report diff -o json: %v\n%s", err, out)
	}
	return changes, err
}

// violation is a line of "report check -o json".
type violation struct {
	Limit, What       string
	Measured, Allowed float64
}

// overBudget makes a budget of one recording and checks the other.
func overBudget(t *testing.T, c *clustertest.Cluster, first, second string) []violation {
	t.Helper()
	report, budget := filepath.Join(bin, "report"), filepath.Join(t.TempDir(), "budget.yaml")
	text := mustRun(t, c, report, "check", "--db", first, "--init")
	if err := os.WriteFile(budget, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, c, report, "check", "--db", first, "--budget", budget, "--strict")
	out, _ := run(t, c, report, "check", "--db", second, "--budget", budget, "-o", "json") // its exit code is 1 with violations
	var all []violation
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatalf("report check -o json: %v\n%s", err, out)
	}
	return all
}
