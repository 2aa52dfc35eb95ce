package spec

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entries returns the names that the 2018 run's authors extracted from it.
func entries(t *testing.T) []string {
	t.Helper()
	var list []string
	for line := range bytes.Lines(unzip(t, "testdata/predecessor/entries.log.gz")) {
		var entry struct{ Lines []string }
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatalf("entry %q: %v", line, err)
		}
		if strings.Trim(entry.Lines[0], "S") == "" {
			entry.Lines = entry.Lines[1:]
		}
		list = append(list, strings.TrimSpace(entry.Lines[0])+" "+strings.TrimSpace(entry.Lines[1]))
	}
	return list[:len(list)-1] // the last one is no spec
}

// TestNamesOfTheWholeKubernetesSuite compares the names that are printed with those of the JSON report, which are the
// User-Agent's: both are the texts of the containers and the leaf, joined by blanks.
func TestNamesOfTheWholeKubernetesSuite(t *testing.T) {
	suite := e2eTest(t)
	for name, flags := range map[string][]string{
		"-v": {"--ginkgo.v"}, "-v plain": {"--ginkgo.v", "--ginkgo.no-color"}, "-vv": {"--ginkgo.vv"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			report := filepath.Join(dir, "report.json")
			cmd := exec.Command(suite, append(flags, "--ginkgo.dry-run", "--ginkgo.focus=.", "--ginkgo.json-report="+report)...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir, "KUBECONFIG=")
			output, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			file, err := os.Open(report)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			specs, err := ReadResults(file, report)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, spec := range specs {
				if spec.Test != "" {
					want = append(want, spec.Test+" "+strings.Join(spec.Labels, ","))
				}
			}
			compareNames(t, want, scan(string(output)))
		})
	}
}

func compareNames(t *testing.T, want []string, events []Event) {
	t.Helper()
	var got []string
	for _, e := range events {
		if e.Kind == Started && e.Spec.Test != "" {
			got = append(got, e.Spec.Test+" "+strings.Join(e.Spec.Labels, ","))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 3000 {
		t.Errorf("%d specs in the report, want the whole suite", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%d names printed, %d in the report; -want +got:\n%s", len(got), len(want), diff)
	}
}

// e2eTest finds the Kubernetes suite where test/cluster builds it, as package clustertest does.
func e2eTest(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the Kubernetes suite's binary")
	}
	cache := os.Getenv("E2ETAP_CLUSTER_CACHE")
	if cache == "" {
		cache = filepath.Join("..", "..", ".cache", "cluster")
	}
	path, err := filepath.Abs(filepath.Join(cache, "bin", "e2e.test"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("find the Kubernetes suite: %v\nhint: run \"go run -C test/cluster . build\"", err)
	}
	return path
}
