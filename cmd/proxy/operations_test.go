package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/operation"
)

// operations are those of the latest run.
func (b *bench) operations() (ids []string) {
	b.t.Helper()
	r, err := db.OpenReader(b.db)
	must(b.t, err)
	defer r.Close()
	run, err := r.Run(db.LatestRun)
	must(b.t, err)
	document, err := r.Operations(run.ID)
	must(b.t, err)
	if document == nil {
		return nil
	}
	ops, err := operation.Decode(document)
	must(b.t, err)
	for _, op := range ops {
		ids = append(ids, op.ID)
	}
	return ids
}

// TestOperationsAreRecorded also of a command that ends before they are there.
func TestOperationsAreRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--", "true")
	p.ends(0)
	if d := cmp.Diff([]string{"listCoreV1NamespacedPod", "createCoreV1NamespacedPod"}, b.operations()); d != "" {
		t.Errorf("operations (-want +got):\n%s", d)
	}
}

func TestAKilledProxyHasRecordedOperations(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p, _ := b.serve()
	p.eventually("operations in the recording", func() bool { return len(b.operations()) == 2 })
	p.kill()
	if n := len(b.operations()); n != 2 {
		t.Errorf("%d operations, want 2", n)
	}
}

func TestAServerThatTellsNoOperationsIsAWarning(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.mute = true
	b := newBench(t, a.kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--", "true")
	p.ends(0)
	warning := "e2etap: warning: API server " + a.URL + " does not tell all of its operations: "
	if n := strings.Count(p.stderr.String(), warning); n != 1 {
		t.Errorf("%d warnings, want one:\n%s", n, p.stderr.String())
	}
	if got := b.operations(); got != nil {
		t.Errorf("recorded %v, want nothing", got)
	}
}
