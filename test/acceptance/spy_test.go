package acceptance

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/clustertest"
)

// outputDelay is how much later than the suite itself somebody may know of a spec who reads its output.
const outputDelay = 500 * time.Millisecond

// TestSpiedSpecsHaveTheirTimes runs conformance specs without a proxy. What their output told must be what ginkgo's report says, from
// when to when each spec ran, and no request may be recorded.
func TestSpiedSpecsHaveTheirTimes(t *testing.T) {
	cluster := clustertest.Start(t)
	dir := t.TempDir()
	recording, report := filepath.Join(dir, "e2e.db"), filepath.Join(dir, "report.json")
	unseen := fmt.Sprintf(`exec "$@" --ginkgo.json-report='%s'`, report) // in a text, so that the report is not imported
	mustRun(t, cluster, filepath.Join(bin, "proxy"), "spy", "--db", recording, "--run-name", "spied", "--", "sh", "-c", unseen, "sh",
		cluster.E2ETest(), "--provider=skeleton", "--kubectl-path="+cluster.Kubectl(), "--ginkgo.no-color", "--ginkgo.v", "--ginkgo.focus="+fewSpecs)
	var specs []spiedSpec
	out := mustRun(t, cluster, filepath.Join(bin, "report"), "specs", "--db", recording, "-o", "json")
	if err := json.Unmarshal([]byte(out), &specs); err != nil {
		t.Fatalf("report specs -o json: %v\n%s", err, tail(out))
	}
	compareWithReport(t, specs, readReport(t, report))
	if list := rows(t, cluster, recording, "spied"); len(list) > 0 {
		t.Errorf("%d requests are recorded, want none", len(list))
	}
}

// spiedSpec is a spec of "report specs -o json".
type spiedSpec struct {
	Test    string    `json:"test"`
	Outcome string    `json:"outcome"`
	Told    string    `json:"told"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
}

// compareWithReport checks that specs, without nodes of the suite, are those of ginkgo's report, at the same times.
func compareWithReport(t *testing.T, specs []spiedSpec, want []specReport) {
	t.Helper()
	reported, outcomes := map[string]specReport{}, map[string]string{}
	for _, s := range want {
		reported[s.name()], outcomes[s.name()] = s, s.State
	}
	if len(want) < 3 {
		t.Fatalf("%d specs ran, want 3 at least to compare", len(want))
	}
	got := map[string]string{}
	for _, s := range specs {
		if s.Test == "" {
			continue
		}
		got[s.Test] = s.Outcome
		r := reported[s.Test]
		if start, end := s.Start.Sub(r.StartTime), s.End.Sub(r.EndTime); start.Abs() > outputDelay || end.Abs() > outputDelay || s.Told != "output" {
			t.Errorf("%s from %v to %v, told by %s; want by output, from %v to %v", s.Test, s.Start, s.End, s.Told, r.StartTime, r.EndTime)
		}
	}
	if d := cmp.Diff(outcomes, got); d != "" {
		t.Errorf("outcomes (-reported +recorded):\n%s", d)
	}
}
