package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindResults(t *testing.T) {
	for command, want := range map[string]string{
		"e2e.test --ginkgo.json-report=r.json --ginkgo.v":                      "/dir/r.json",
		"e2e.test -ginkgo.json-report /out/r.json":                             "/out/r.json",
		"e2e.test --ginkgo.junit-report=r.xml --ginkgo.json-report=r.json":     "/dir/r.json /dir/r.xml",
		"e2e.test --ginkgo.json-report=a.json --ginkgo.json-report=b.json":     "/dir/b.json",
		"e2e.test --ginkgo.json-report=":                                       "",
		"e2e.test --report-dir out --report-prefix=p_":                         "/dir/out/junit_p_01.xml",
		"e2e.test --report-dir=out --report-complete-ginkgo":                   "/dir/out/ginkgo/report.json /dir/out/ginkgo/report.xml /dir/out/junit_01.xml",
		"e2e.test --report-dir=out --report-complete-ginkgo=false":             "/dir/out/junit_01.xml",
		"ginkgo --json-report=r.json ./e2e":                                    "/dir/r.json",
		"/bin/ginkgo --output-dir=out --json-report=r.json --procs=4 ./e2e":    "/dir/out/r.json",
		"ginkgo --output-dir out --junit-report r.xml --keep-separate-reports": "",
		"ginkgo bin/e2e.test -- --report-dir=out":                              "/dir/bin/out/junit_01.xml /dir/out/junit_01.xml",
		"go test ./e2e -args -ginkgo.json-report=r.json":                       "/dir/e2e/r.json /dir/r.json",
		"go test ./ -args -ginkgo.json-report=r.json":                          "/dir/r.json",
		"gotestsum --jsonfile r.json --junitfile=r.xml ./...":                  "/dir/r.json /dir/r.xml",
		"bats --report-formatter junit --output out pods.bats":                 "/dir/out/report.xml",
		"bats --report-formatter tap13 -o /out pods.bats":                      "/out/report.tap",
		"bats --report-formatter junit pods.bats":                              "/dir/report.xml",
		"bats --output out pods.bats":                                          "",
		"kubectl get pods -o json":                                             "",
		"sort --output out":                                                    "",
	} {
		got := FindResults(strings.Fields(command), "/dir")
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s -want +got:\n%s", command, diff)
		}
	}
}
