package acceptance

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"e2etap/internal/clustertest"
)

// TestTwoRunsOfTheSameSpecsDoNotDiffer runs conformance specs, some of which run kubectl, watch and poll, twice behind the proxy, in
// the order of different seeds: no operation is gained or lost, in all or by a test, no test and no error. The budget made from the first
// run holds for the second in all but times and bytes.
func TestTwoRunsOfTheSameSpecsDoNotDiffer(t *testing.T) {
	cluster := clustertest.Start(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.db"), filepath.Join(dir, "second.db")
	for seed, recording := range map[string]string{"1": first, "2": second} {
		command := append(e2e(cluster, filepath.Join(dir, seed+".json")), "--ginkgo.seed="+seed)
		proxied(t, cluster, "server", recording, command...) // what matters is what they ask for, not how they end
	}
	if n := len(rows(t, cluster, first, "server")); n < 200 {
		t.Fatalf("%d requests are recorded, want 200 at least to compare", n)
	}
	out, err := run(t, cluster, filepath.Join(bin, "report"), "diff", first, second, "-o", "json")
	var changes []struct {
		Kind, Test, Client, Operation string
		Status                        *int
		Before, After                 int64
	}
	if err := json.Unmarshal([]byte(out), &changes); err != nil {
		t.Fatalf("report diff -o json: %v\n%s", err, out)
	}
	for _, c := range changes {
		t.Errorf("%s: %s%s %s: %d before, %d after", c.Kind, c.Test, c.Client, c.Operation, c.Before, c.After)
	}
	if (err == nil) != (len(changes) == 0) {
		t.Errorf("%v with %d changes, want an error if there are any", err, len(changes))
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
	out, err := run(t, cluster, filepath.Join(bin, "report"), "diff", all, fewer, "-o", "json")
	var changes []struct{ Kind, Test, Operation string }
	if err := json.Unmarshal([]byte(out), &changes); err != nil {
		t.Fatalf("report diff -o json: %v\n%s", err, out)
	}
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
