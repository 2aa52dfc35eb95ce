package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
)

// suiteScript is a suite that names its tests in its output only, and leaves a file of results.
const suiteScript = `
printf '=== RUN   TestA\n'
client /api/v1/pods
printf -- '--- PASS: TestA (0.01s)\n'
client /api/v1/nodes
E2E_TEST='by environment' client /api/v1/secrets
client -ua 'e2e.test/v1 -- by agent' -H 'E2e-Test: by header' /api/v1/configmaps
cat >results.xml <<END
<testsuite><testcase name="TestA" time="0.5"><failure>it was not right</failure></testcase></testsuite>
END`

// attributed is what a row and the API server know of a request's test.
type attributed struct{ resource, test, source, why, taggedAs, sent string }

func (b *bench) attributed(a *api) (list []attributed) {
	b.t.Helper()
	agents := map[string]string{}
	a.mu.Lock()
	for _, r := range a.seen {
		agents[r.Header.Get("Audit-Id")] = r.UserAgent()
	}
	a.mu.Unlock()
	for _, e := range b.entries() {
		list = append(list, attributed{e.Resource, e.Test, e.TestSource, e.Why, e.TaggedAs, agents[e.AuditID]})
		if e.PID == 0 || filepath.Base(e.Executable) == "" {
			b.t.Errorf("%s: PID %d, executable %q", e.Resource, e.PID, e.Executable)
		}
	}
	return list
}

func TestRunFindsTestsAndTagsWhatGoesUpstream(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		flag string
		want []attributed
	}{
		{"--tag-upstream=true", []attributed{
			{"pods", "TestA", "output", "", "TestA", "client/v1 -- TestA"},
			{"nodes", "", "none", "outside of the tests", "", "client/v1"},
			{"secrets", "by environment", "environment", "", "by environment", "client/v1 -- by environment"},
			{"configmaps", "by header", "header", "", "", "e2e.test/v1 -- by agent"},
		}},
		{"--tag-upstream=false", []attributed{
			{"pods", "TestA", "output", "", "", "client/v1"},
			{"nodes", "", "none", "outside of the tests", "", "client/v1"},
			{"secrets", "by environment", "environment", "", "", "client/v1"},
			{"configmaps", "by header", "header", "", "", "e2e.test/v1 -- by agent"},
		}},
	} {
		t.Run(tt.flag, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t)
			b := newBench(t, api.kubeconfig())
			b.start("proxy", "run", "--db", b.db, tt.flag, "--", "sh", "-c", suiteScript).ends(0)
			got := b.attributed(api)
			if d := cmp.Diff(tt.want, got, cmp.AllowUnexported(attributed{})); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// The command line names a file of results: the run knows how its tests ended.
func TestRunTakesOverResults(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--", "sh", "-c", suiteScript, "sh", "--junit-report=results.xml")
	p.ends(0)
	r, err := db.OpenReader(b.db)
	must(t, err)
	defer r.Close()
	_, specs, err := r.Known(1)
	must(t, err)
	if len(specs) != 1 || specs[0].Test != "TestA" || specs[0].Outcome.String() != "failed" || specs[0].Start.IsZero() {
		t.Errorf("specs %+v, want TestA with its start by the output, failed by the results\n%s", specs, p.stderr.String())
	}
}

// A file of results that an earlier run left behind is not this run's.
func TestRunLeavesStaleResults(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	b.start("sh", "-c", strings.ReplaceAll(suiteScript, "client", "true")+"\ntouch -d '2 hours ago' results.xml").ends(0)
	b.start("proxy", "run", "--db", b.db, "--", "sh", "-c", "client /api/v1/pods", "sh", "--junit-report=results.xml").ends(0)
	r, err := db.OpenReader(b.db)
	must(t, err)
	defer r.Close()
	if _, specs, err := r.Known(1); err != nil || len(specs) != 0 {
		t.Errorf("specs %+v, %v; want none", specs, err)
	}
}
