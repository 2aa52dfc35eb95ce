package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"e2etap/internal/conformance"
	"e2etap/internal/coverage"
)

// testsOf are the tests that have requests.
func testsOf(run *coverage.Run, release string) []APISnoopTest {
	names := map[string]bool{}
	see := func(h *coverage.Hits) {
		for i := range h.Tests {
			names[h.Tests[i].Test] = true
		}
	}
	for i := range run.Operations {
		see(&run.Operations[i].Hits)
	}
	for i := range run.Unresolved {
		see(&run.Unresolved[i].Hits)
	}
	delete(names, "")
	tests := make([]APISnoopTest, 0, len(names))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		tests = append(tests, testOf(run.Lists, name, release))
	}
	return tests
}

func testOf(lists *conformance.Lists, name, release string) APISnoopTest {
	t := APISnoopTest{Test: name, Release: release}
	if lists == nil {
		return t
	}
	if listed, is := lists.Match(name); is {
		promoted := promotion(listed.Release)
		t.ConformanceTest, t.Testname, t.File, t.PromotionRelease = true, known(listed.Testname), known(listed.File), &promoted
	}
	return t
}

var lastNumber = regexp.MustCompile(`[0-9.]+$`)

// promotion is the release of a list's "v1.9", as 302_fn_load_tests.sql has it: of several the last, of none 1.9.0.
func promotion(listed string) string {
	switch {
	case listed == "":
		return "1.9.0"
	case strings.Contains(listed, ","):
		return lastNumber.FindString(listed) + ".0"
	}
	return strings.TrimLeft(listed, "v") + ".0"
}

var minorVersion = regexp.MustCompile(`^v?([0-9]+\.[0-9]+)([^0-9].*)?$`)

// Release is what APISnoop calls a version of Kubernetes, by its minor: "1.37.0" for "v1.37.2".
func Release(version string) (string, error) {
	m := minorVersion.FindStringSubmatch(version)
	if m == nil {
		return "", fmt.Errorf("version %q of Kubernetes: want one like v1.37.2", version)
	}
	return m[1] + ".0", nil
}
