package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"e2etap/internal/clustertest"
)

// kubectlFocus chooses specs that run kubectl, most of them many times, and that nodes without real containers can serve.
const kubectlFocus = `\[sig-cli\].*(api-versions|Kubectl diff|kuberc|applyset|apply should|Proxy server should|Kubectl label|` +
	`subresource flag|exec through kubectl proxy|cluster-info|Kubectl describe|Kubectl patch|Kubectl replace|last-applied|` +
	`Kubectl version|Kubectl run pod|dry-run|kubectl wait)`

// wrapper is a kubectl that notes who it is, when it began, and which process of ginkgo's started it, before it becomes the
// real one.
const wrapper = `#!/bin/sh
printf '%%s %%s %%s\n' "$$" "$(date +%%s%%N)" "$(tr '\0' ' ' <"/proc/$PPID/cmdline")" >>%q
exec %q "$@"
`

// call is a line of the wrapper's.
type call struct {
	at     int64
	worker int
}

// interval is a spec's time in one process of ginkgo's.
type interval struct {
	start, end int64
	test       string
}

// TestEveryRequestOfKubectlFindsItsSpec compares the attribution with what a wrapper around kubectl saw, serially and in
// parallel processes, with and without results for the proxy to read.
func TestEveryRequestOfKubectlFindsItsSpec(t *testing.T) {
	cluster := clustertest.Start(t)
	for _, tt := range []struct {
		name            string
		parallel, named bool // named: the command line names the results
	}{
		{"serial", false, false}, {"parallel", true, false}, {"parallel with results", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			log, report, db := filepath.Join(dir, "calls"), filepath.Join(dir, "report.json"), filepath.Join(dir, "e2e.db")
			command := kubectlSuite(t, cluster, dir, log, report, tt.parallel)
			if !tt.named {
				command = []string{"sh", "-c", script(t, dir, command)}
			}
			if _, err := proxied(t, cluster, "server", db, command...); err != nil {
				t.Error("the suite fails") // its output is in the log
			}
			compareWithCalls(t, rows(t, cluster, db, "server"), readCalls(t, log), readIntervals(t, report))
		})
	}
}

// kubectlSuite returns the command line of the suite with the wrapper in the place of kubectl.
func kubectlSuite(t *testing.T, c *clustertest.Cluster, dir, log, report string, parallel bool) []string {
	t.Helper()
	path := filepath.Join(dir, "kubectl")
	if err := os.WriteFile(path, fmt.Appendf(nil, wrapper, log, c.Kubectl()), 0o700); err != nil {
		t.Fatal(err)
	}
	if !parallel {
		return []string{c.E2ETest(), "--provider=skeleton", "--kubectl-path=" + path, "--ginkgo.v",
			"--ginkgo.focus=" + kubectlFocus, "--ginkgo.json-report=" + report}
	}
	return []string{c.Ginkgo(), "--procs=4", "--focus=" + kubectlFocus, "--json-report=" + filepath.Base(report),
		"--output-dir=" + dir, c.E2ETest(), "--", "--provider=skeleton", "--kubectl-path=" + path}
}

// script writes a script that runs a command, and returns its path, so that a command line names nothing else.
func script(t *testing.T, dir string, command []string) string {
	t.Helper()
	for i, arg := range command {
		command[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	path := filepath.Join(dir, "suite.sh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexec "+strings.Join(command, " ")+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// compareWithCalls checks every request of a kubectl.
func compareWithCalls(t *testing.T, list []row, calls map[int][]call, specs map[int][]interval) {
	t.Helper()
	right := 0
	for _, r := range list {
		if !strings.HasPrefix(r.UserAgent, "kubectl/") {
			continue
		}
		want := truth(t, r, calls[r.PID], specs)
		switch {
		case want == "":
			t.Errorf("the wrapper knows no spec for PID %d, %s %s", r.PID, r.Verb, r.Path)
		case r.Test != want:
			t.Errorf("%s %s of PID %d: test %q (from %s, %s), want %q", r.Verb, r.Path, r.PID, r.Test, r.Source, r.Why, want)
		default:
			right++
		}
	}
	t.Logf("%d requests of %d calls of kubectl found their specs", right, len(calls))
	if right < 100 {
		t.Errorf("%d requests of kubectl, want enough to tell", right)
	}
}

// truth returns the spec that ran in the process that called kubectl, when it did.
func truth(t *testing.T, r row, calls []call, specs map[int][]interval) (test string) {
	t.Helper()
	start, err := time.Parse(time.RFC3339Nano, r.Start)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		if c.at > start.UnixNano() {
			break // the PID was used again
		}
		test = ""
		for _, s := range specs[c.worker] {
			if s.start <= c.at && c.at <= s.end {
				test = s.test
			}
		}
	}
	return test
}

var parallelProcess = regexp.MustCompile(`parallel\.process=(\d+)`)

// readCalls returns the wrapper's calls by PID.
func readCalls(t *testing.T, log string) map[int][]call {
	t.Helper()
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	calls := map[int][]call{}
	for line := range strings.Lines(string(data)) {
		words := strings.SplitN(line, " ", 3)
		pid, err := strconv.Atoi(words[0])
		at, err2 := strconv.ParseInt(words[1], 10, 64)
		if err != nil || err2 != nil {
			t.Fatalf("line of the wrapper's log: %q", line)
		}
		c := call{at, 1}
		if m := parallelProcess.FindStringSubmatch(words[2]); m != nil {
			c.worker, _ = strconv.Atoi(m[1])
		}
		calls[pid] = append(calls[pid], c)
	}
	return calls
}

// readIntervals returns the specs of ginkgo's JSON report by process.
func readIntervals(t *testing.T, report string) map[int][]interval {
	t.Helper()
	specs := map[int][]interval{}
	for _, s := range readReport(t, report) {
		specs[s.ParallelProcess] = append(specs[s.ParallelProcess], interval{s.StartTime.UnixNano(), s.EndTime.UnixNano(), s.name()})
	}
	return specs
}
