package spec

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"e2etap/internal/traffic"
)

func TestHalfWrittenResultsAreAnError(t *testing.T) {
	for name, want := range map[string]string{
		"report.json": "results half: JSON ends in the middle, at byte 40000: was the suite killed while writing it?",
		"report.xml":  "results half: XML ends in the middle, at byte 10000: was the suite killed while writing it?",
	} {
		t.Run(name, func(t *testing.T) {
			size := 40000
			if strings.HasSuffix(name, ".xml") {
				size = 10000
			}
			specs, err := ReadResults(bytes.NewReader(readTestdata(t, name)[:size]), "half")
			if err == nil || err.Error() != want {
				t.Errorf("error is %v, want %s", err, want)
			}
			if len(specs) > 0 {
				t.Errorf("%d specs came with the error", len(specs))
			}
		})
	}
}

func TestUnknownResultsAreAnError(t *testing.T) {
	for content, want := range map[string]string{
		"":                                  "results x: the file is empty, want " + known,
		" \n\t\n":                           "results x: the file is empty, want " + known,
		"a log\n":                           "results x: nothing in the file tells of a spec, want " + known,
		"{\"a\": 1}\n":                      "results x: nothing in the file tells of a spec, want " + known,
		"<html></html>":                     "results x: XML of <html>, want <testsuites> or <testsuite>",
		"[{\"a\": 1}]":                      "results x: JSON at byte 9: no SpecReports in a suite: not a report of ginkgo 2",
		"[\n[]]":                            "results x: nothing in the file tells of a spec, want " + known,
		"[{\"SpecReports\": 1}]":            "results x: JSON at byte 18: 1 where a list was expected: not a report of ginkgo",
		"[{\"SpecReports\": [}]":            "results x: JSON at byte 18: invalid character '}' looking for beginning of value",
		"<testsuite><testcase></testsuites": "results x: XML ends in the middle, at byte 33: was the suite killed while writing it?",
	} {
		specs, err := ReadResults(strings.NewReader(content), "x")
		if err == nil || err.Error() != want {
			t.Errorf("%q gives %d specs and the error %v\nwant %s", content, len(specs), err, want)
		}
	}
}

func TestErrorOfReadingIsPassedOn(t *testing.T) {
	broken := errors.New("disk is broken")
	for _, start := range []string{"", "[{", "<testsuite>", "ok 1 a\n"} {
		_, err := ReadResults(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)), "x")
		if !errors.Is(err, broken) {
			t.Errorf("error after %q is %v, want %v", start, err, broken)
		}
	}
}

func TestByteOrderMarkIsSkipped(t *testing.T) {
	specs, err := ReadResults(strings.NewReader("\xef\xbb\xbf\n  ok 1 a\n1..1\n"), "x")
	if err != nil || len(specs) != 1 || specs[0].Test != "a" {
		t.Errorf("%v, %v, want the spec \"a\"", specs, err)
	}
}

func TestSpecsThatNeverStartedAreLeftOut(t *testing.T) {
	const report = `[{"SpecReports": [
		{"LeafNodeType": "It", "LeafNodeText": "filtered", "State": "skipped", "StartTime": "0001-01-01T00:00:00Z"},
		{"LeafNodeType": "It", "LeafNodeText": "filtered, parallel", "State": "skipped", "StartTime": "2026-01-02T12:00:00Z"},
		{"LeafNodeType": "It", "LeafNodeText": "ran", "State": "passed", "StartTime": "2026-01-02T12:00:00Z"}]}]`
	specs, err := ReadResults(strings.NewReader(report), "x")
	if err != nil || len(specs) != 1 || specs[0].Test != "ran" {
		t.Errorf("%v, %v, want the spec that ran", specs, err)
	}
}

// TestJUnitNames has names as ginkgo writes them, with labels, and as the Kubernetes framework does, without.
func TestJUnitNames(t *testing.T) {
	for attrs, want := range map[string]traffic.Spec{
		`name="[It] [sig-x] Pods [Slow] should run [Slow]" status="passed"`:               {Test: "[sig-x] Pods [Slow] should run [Slow]"},
		`name="[It] [sig-x] Pods should run [sig-x, Slow]" status="passed"`:               {Test: "[sig-x] Pods should run", Labels: []string{"sig-x", "Slow"}},
		`name="[sig-x] Pods should run" classname="Kubernetes e2e suite" status="passed"`: {Test: "[sig-x] Pods should run"},
		`name="[SynchronizedBeforeSuite]" status="passed"`:                                {Node: "SynchronizedBeforeSuite"},
		`name="[ReportAfterSuite] Kubernetes e2e suite report" status="passed"`:           {Node: "ReportAfterSuite"},
		`name="TestA/b" classname="a.test/pkg"`:                                           {Test: "a.test/pkg.TestA/b", Worker: "a.test/pkg"},
		`name="pods run" classname="pods.bats"`:                                           {Test: "pods run"},
	} {
		specs, err := ReadResults(strings.NewReader("<testsuite><testcase "+attrs+"/></testsuite>"), "x")
		if err != nil || len(specs) != 1 {
			t.Errorf("%s: %d specs, %v, want one", attrs, len(specs), err)
			continue
		}
		if got := specs[0]; got.Test != want.Test || got.Node != want.Node || got.Worker != want.Worker || strings.Join(got.Labels, ",") != strings.Join(want.Labels, ",") {
			t.Errorf("%s is %+v, want %+v", attrs, got, want)
		}
	}
}

func TestJUnitOutcomes(t *testing.T) {
	for testcase, want := range map[string]string{
		`<testcase name="a"/>`:                                                              "passed",
		`<testcase name="a"><failure/></testcase>`:                                          "failed",
		`<testcase name="a"><error type="interrupted"/></testcase>`:                         "interrupted",
		`<testcase name="a"><skipped message="why"/></testcase>`:                            "skipped",
		`<testcase name="a"><skipped message="pending"/></testcase>`:                        "pending",
		`<testcase name="a" status="timedout"><failure/></testcase>`:                        "failed",
		`<testcase name="a" status="skipped"><skipped message="skipped - why"/></testcase>`: "skipped",
		`<testcase name="a" status="skipped"><skipped message="skipped"/></testcase>`:       "left out",
	} {
		specs, err := ReadResults(strings.NewReader("<testsuite>"+testcase+"</testsuite>"), "x")
		got := "left out"
		if len(specs) == 1 {
			got = specs[0].Outcome.String()
		}
		if err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", testcase, got, err, want)
		}
	}
}

func TestJUnitStartNeedsAZone(t *testing.T) {
	const suite = `<testsuite><testcase name="a" time="1.5" timestamp="2026-01-02T12:00:00Z"/>
		<testcase name="b" timestamp="2026-01-02T12:00:00"/></testsuite>`
	specs, err := ReadResults(strings.NewReader(suite), "x")
	if err != nil || len(specs) != 2 {
		t.Fatalf("%d specs, %v, want 2", len(specs), err)
	}
	if !specs[0].Start.Equal(noon) || !specs[0].End.Equal(noon.Add(1500*time.Millisecond)) {
		t.Errorf("%s to %s, want 1.5 s from %s", specs[0].Start, specs[0].End, noon)
	}
	if !specs[1].Start.IsZero() {
		t.Errorf("a time without a zone gives a start, %s", specs[1].Start)
	}
}
