package acceptance

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"e2etap/internal/clustertest"
	"e2etap/internal/spec"
	"e2etap/internal/traffic"
)

// logFocus chooses specs that need no kubelet; some take seconds.
var logFocus = strings.Join([]string{
	"Kubectl patch should add annotations for pods in rc",
	"Secrets should patch a secret",
	"PodTemplates should run the lifecycle of PodTemplates",
	"RuntimeClass .*should support RuntimeClasses API operations",
	"ServiceAccounts should run through the lifecycle of a ServiceAccount",
	"Services should find a service from listing all namespaces",
	"Watchers should be able to restart watching",
	"LimitRange should create a LimitRange with defaults",
	"Lease lease API should",
}, "|")

// TestTimesOfALogAreThoseOfTheReport runs real specs in one process and in four, and compares the times that the output's own
// lines print with those of ginkgo's report.
func TestTimesOfALogAreThoseOfTheReport(t *testing.T) {
	cluster := clustertest.Start(t)
	framework := []string{"--provider=skeleton", "--kubectl-path=" + cluster.Kubectl()}
	for name, command := range map[string]func(report string) []string{
		"serial": func(report string) []string {
			return append([]string{cluster.E2ETest(), "--ginkgo.v", "--ginkgo.focus=" + logFocus, "--ginkgo.json-report=" + report}, framework...)
		},
		"serial, very verbose": func(report string) []string {
			return append([]string{cluster.E2ETest(), "--ginkgo.vv", "--ginkgo.no-color", "--ginkgo.focus=" + logFocus, "--ginkgo.json-report=" + report}, framework...)
		},
		"parallel": func(report string) []string {
			ginkgo := []string{cluster.Ginkgo(), "-v", "--procs=4", "--focus=" + logFocus, "--output-dir=" + filepath.Dir(report), "--json-report=" + filepath.Base(report)}
			return append(append(ginkgo, cluster.E2ETest(), "--"), framework...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			report := filepath.Join(t.TempDir(), "report.json")
			args := command(report)
			output, _ := run(t, cluster, args[0], args[1:]...) // specs may fail
			specs, err := spec.ReadLog(strings.NewReader(output), "e2e.log", spec.Clock{Near: time.Now(), Location: time.Local})
			if err != nil {
				t.Fatal(err)
			}
			compareTimes(t, readReport(t, report), byName(specs))
		})
	}
}

// stampResolution is that of ginkgo's stamps, which are cut to milliseconds.
const stampResolution = time.Millisecond

// compareTimes checks that each spec's times are between those of the report and those of the steps that the report has, as the
// steps are printed with theirs: a spec may start before its first step and end after its last one.
func compareTimes(t *testing.T, want []specReport, got map[string]traffic.Spec) {
	t.Helper()
	if len(want) < 8 {
		t.Fatalf("%d specs ran, want 8 at least to compare", len(want))
	}
	var starts, ends []time.Duration
	for _, w := range want {
		g, first, last := got[w.name()], w.steps(false), w.steps(true)
		if g.Start.IsZero() || g.End.IsZero() || first.IsZero() {
			t.Errorf("%q lasts from %s to %s, and has its first step at %s, want all known", w.name(), g.Start, g.End, first)
			continue
		}
		starts, ends = append(starts, g.Start.Sub(w.StartTime)), append(ends, g.End.Sub(w.EndTime))
		if g.Start.Before(w.StartTime.Add(-stampResolution)) || g.Start.After(first) {
			t.Errorf("%q starts at %s, want between %s and its first step, at %s", w.name(), g.Start, w.StartTime, first)
		}
		if g.End.Before(last.Add(-stampResolution)) || g.End.After(w.EndTime) {
			t.Errorf("%q ends at %s, want between its last step, at %s, and %s", w.name(), g.End, last, w.EndTime)
		}
	}
	t.Logf("%d specs, starts later than the report's by %s, ends by %s", len(starts), distribution(starts), distribution(ends))
}

// steps returns when the first or the last step was printed; zero if none was.
func (s *specReport) steps(last bool) (at time.Time) {
	for _, e := range s.SpecEvents {
		if e.SpecEventType == "By" && (at.IsZero() || last) {
			at = e.TimelineLocation.Time
		}
	}
	return at
}

// distribution returns the least, the median and the greatest.
func distribution(list []time.Duration) [3]time.Duration {
	if len(list) == 0 {
		return [3]time.Duration{}
	}
	slices.Sort(list)
	return [3]time.Duration{list[0], list[len(list)/2], list[len(list)-1]}
}

func byName(specs []traffic.Spec) map[string]traffic.Spec {
	named := make(map[string]traffic.Spec)
	for _, s := range specs {
		named[s.Test] = s
	}
	return named
}
