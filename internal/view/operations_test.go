package view

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/conformance"
	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// conformanceTest is one of the lists of v1.37.
const conformanceTest = "[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]"

// kubernetes are operations of Kubernetes, from an excerpt of its swagger.json, and the list of a custom resource.
func kubernetes(t *testing.T) []operation.Operation {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "operation", "testdata", "swagger.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ops, err := operation.Read(f, f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return append(ops, operation.Operation{
		ID: "listTap", Method: "GET", Path: "/apis/example.com/v1/taps", Group: "example.com", Version: "v1", Kind: "Tap", Action: "list",
	})
}

func setOperations(t *testing.T, rec *db.Recorder, ops []operation.Operation) {
	t.Helper()
	document, err := operation.Encode(ops)
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.SetOperations(document); err != nil {
		t.Fatal(err)
	}
}

// covered is a recording of a server with operations, and a recorder that goes on.
func covered(t *testing.T, ops []operation.Operation, requests ...traffic.Request) (path string, rec *db.Recorder) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Name: "run", Start: start, ServerVersion: "v1.37.2"}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if ops != nil {
		setOperations(t, rec, ops)
	}
	for i := range requests {
		if err := rec.Finish(&requests[i]); err != nil {
			t.Fatal(err)
		}
	}
	return path, rec
}

func closed(t *testing.T, path string, rec *db.Recorder) (*db.Reader, db.RunInfo) {
	t.Helper()
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	info, err := r.Run(db.LatestRun)
	if err != nil {
		t.Fatal(err)
	}
	return r, info
}

// watchTaps is a watch of a custom resource, for which only the list is documented.
func watchTaps(ms int, test string) traffic.Request {
	q := get(ms, 200, test, "")
	q.Path, q.API = "/apis/example.com/v1/taps", traffic.API{Verb: "watch", Group: "example.com", Version: "v1", Resource: "taps"}
	return q
}

func TestUsesByOperationAreTheSumsOfCoverage(t *testing.T) {
	version := get(5, 200, "other", "")
	version.Path, version.API = "/version/", traffic.API{Verb: "get"}
	nowhere := version
	nowhere.Path = "/healthz"
	upgrade := get(6, 101, conformanceTest, "x")
	upgrade.Path, upgrade.API.Verb, upgrade.API.Subresource = upgrade.Path+"/exec", "get", "exec"
	path, rec := covered(t, kubernetes(t), get(1, 200, conformanceTest, "x"), get(2, 404, "other", "y"), get(3, 500, "", "y"), watchTaps(4, "other"), version, nowhere, upgrade)
	r, info := closed(t, path, rec)
	index := NewIndex()
	m, err := Load(r, info, index, nil)
	if err != nil {
		t.Fatal(err)
	}
	operations, err := LoadOperations(r, info, index)
	if err != nil {
		t.Fatal(err)
	}
	run, err := coverage.Load(r, info)
	if err != nil {
		t.Fatal(err)
	}
	lists, _, err := conformance.Load(info.ServerVersion)
	if err != nil {
		t.Fatal(err)
	}
	run.Judge(lists)
	if !operations.Known || !operations.TestsKnown || !operations.EligibilityKnown || operations.Lists != "v1.37" {
		t.Errorf("known %v, %v, %v by %q, want all by v1.37", operations.Known, operations.TestsKnown, operations.EligibilityKnown, operations.Lists)
	}
	for _, c := range []coverage.Choice{{}, {OnlyConformance: true}, {Successful: true}, {Eligible: true}, {OnlyConformance: true, Successful: true, Eligible: true}} {
		_, want := run.Summarize(coverage.Dimensions(), c)
		want.Keys = nil
		if d := cmp.Diff(want, summed(m, operations, c)); d != "" || want.Operations == 0 || want.Hit == 0 {
			t.Errorf("%+v: -coverage +view\n%s", c, d)
		}
	}
}

// summed counts as coverage.Run.Summarize does, by what the browser gets.
func summed(m *Model, operations *Operations, c coverage.Choice) (s coverage.Summary) {
	hits, successes, conformance := map[int]bool{}, map[int]bool{}, map[int]bool{}
	for i, endpoint := range m.Uses.Endpoint {
		op, status := m.Endpoints[endpoint].Operation, m.Uses.Status[i]
		succeeded, is := status/100 == 2 || status == 101, m.Tests[m.Uses.Test[i]].Conformance
		if op == nil || c.OnlyConformance && !is || c.Successful && !succeeded {
			continue
		}
		hits[*op] = true
		successes[*op] = successes[*op] || succeeded
		conformance[*op] = conformance[*op] || is
	}
	one := func(is bool) int64 { return map[bool]int64{true: 1}[is] }
	for i, op := range operations.Operations {
		if c.Eligible && !op.Eligible {
			continue
		}
		s.Operations++
		s.Hit += one(hits[i])
		s.Succeeded += one(successes[i])
		s.Conformance += one(conformance[i])
		s.Eligible += one(op.Eligible)
		s.EligibleConformance += one(op.Eligible && conformance[i])
	}
	return s
}

func TestRunWithoutDocumentsHasNoOperations(t *testing.T) {
	r, info := record(t, nil, get(1, 200, conformanceTest, "x"))
	index := NewIndex()
	m, err := Load(r, info, index, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := LoadOperations(r, info, index)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&Operations{Operations: []Operation{}}, got); d != "" {
		t.Errorf("of a server of no known version: -want +got\n%s", d)
	}
	if m.Endpoints[0].Operation != nil || m.Tests[0].Conformance {
		t.Errorf("%+v, %+v: want no operation, and no conformance test", m.Endpoints[0], m.Tests[0])
	}
}

func TestPendingOperationsAreEligible(t *testing.T) {
	list := func(id, level string) operation.Operation {
		return operation.Operation{ID: id, Method: "GET", Path: "/apis/lifecycle.k8s.io/" + level + id, Group: "lifecycle.k8s.io"}
	}
	path, rec := covered(t, []operation.Operation{list("getLifecycleAPIGroup", ""), list("listCoreV1ComponentStatus", "")})
	r, info := closed(t, path, rec)
	got, err := LoadOperations(r, info, NewIndex())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(got.Operations, func(o Operation) bool { return o.ID == "getLifecycleAPIGroup" })
	if pending := got.Operations[i]; !pending.Eligible || !pending.Pending || pending.Why != "" {
		t.Errorf("%+v, want an eligible one that is pending", pending)
	}
	if other := got.Operations[1-i]; other.Eligible || other.Pending || other.Why == "" {
		t.Errorf("%+v, want one that is not eligible, and why", other)
	}
}

// While a run is recorded, its operations come after it began, and later those of custom resources.
func TestOperationsFollowWhatIsRecorded(t *testing.T) {
	path, rec := covered(t, nil, watchTaps(1, "one"))
	index := NewIndex()
	see := func() (n int, of *int) {
		t.Helper()
		r, err := db.OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		info, err := r.Run(db.LatestRun)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Load(r, info, index, nil)
		if err != nil {
			t.Fatal(err)
		}
		operations, err := LoadOperations(r, info, index)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Endpoints) > 0 {
			of = m.Endpoints[0].Operation
		}
		return len(operations.Operations), of
	}
	deadline := time.Now().Add(time.Minute)
	wait := func(want int) (of *int) {
		t.Helper()
		for {
			n, of := see()
			if n == want && len(index.all) > 0 {
				return of
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d operations at last, want %d", n, want)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	all := kubernetes(t)
	if of := wait(0); of != nil {
		t.Errorf("operation %d before any is known", *of)
	}
	setOperations(t, rec, all[:len(all)-1])
	if of := wait(len(all) - 1); of != nil {
		t.Errorf("operation %d before the custom resource's are known", *of)
	}
	setOperations(t, rec, all)
	if of := wait(len(all)); of == nil || index.judged.operations.Operations[*of].ID != "listTap" {
		t.Errorf("operation %v, want listTap's", of)
	}
	closed(t, path, rec)
}

func TestOperationsAreReadOnce(t *testing.T) {
	path, rec := covered(t, kubernetes(t))
	r, info := closed(t, path, rec)
	index := NewIndex()
	first, err := LoadOperations(r, info, index)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := LoadOperations(r, info, index); err != nil || again != first {
		t.Errorf("%p after %p, error %v: want the same", again, first, err)
	}
}
