package coverage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/conformance"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

const (
	inList  = "[sig-node] Pods should run [Conformance]"
	moved   = "[sig-node] Pods [Conformance] should run" // the same, its tag elsewhere
	notSeen = "[sig-node] Pods should stop [Conformance]"
	noTest  = "[sig-node] Pods should run"
)

func lists() conformance.Lists {
	return conformance.Lists{
		Tests: []conformance.Test{{Name: inList}, {Name: notSeen}}, Pending: map[string]bool{"listB": true},
		Ineligible: map[string]string{"listC": "it cannot be"},
	}
}

// various are operations of all that eligibility depends on.
func various() []operation.Operation {
	list := func(name, group, version string, level operation.Level) operation.Operation {
		return operation.Operation{
			ID: "list" + name, Method: "GET", Path: "/apis/" + group + "/" + version + "/" + name, Group: group, Version: version,
			Kind: name, Action: "list", Level: level,
		}
	}
	deprecated := list("D", "y", "v1", operation.Stable)
	deprecated.Deprecated = true
	ops := []operation.Operation{
		list("A", "x", "v1", operation.Stable), list("B", "x", "v1", operation.Stable), list("C", "y", "v1", operation.Stable),
		deprecated, list("E", "x", "v1beta1", operation.Beta),
		list("F", "custom.example.com", "v1", operation.Stable), list("G", "aggregated.example.com", "v1", operation.Stable),
	}
	for _, path := range []string{"/apis/x/v1/", "/apis/y/v1/", "/apis/x/v1beta1/", "/apis/aggregated.example.com/v1/"} {
		ops = append(ops, operation.Operation{ID: "get" + path, Method: "GET", Path: path, Group: "discovery"})
	}
	return ops
}

func judged(t *testing.T, requests ...traffic.Request) *Run {
	t.Helper()
	run := load(t, various(), requests...)
	run.Judge(lists())
	return run
}

func TestJudgeSaysWhichOperationsAreEligible(t *testing.T) {
	type verdict struct {
		Eligible bool
		Why      string
	}
	got := map[string]verdict{}
	for _, op := range judged(t).Operations {
		if op.Group == "discovery" {
			continue
		}
		got[op.ID] = verdict{op.Eligible, op.Why}
	}
	want := map[string]verdict{
		"listA": {true, ""}, "listB": {true, "pending"}, "listC": {false, "ineligible: it cannot be"}, "listD": {false, "deprecated"}, "listE": {false, "beta"},
		"listF": {false, "not Kubernetes' own"}, "listG": {false, "not Kubernetes' own"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestJudgeFindsConformanceTests(t *testing.T) {
	run := judged(t, asked(t, moved, "GET", "/apis/x/v1/A", 200), asked(t, noTest, "GET", "/apis/x/v1/A", 200), asked(t, inList, "GET", "/healthz", 200))
	a := run.Operation("listA")
	if u := run.Unresolved[0]; !a.Use(moved).Conformance || a.Use(noTest).Conformance || !u.Tests[0].Conformance {
		t.Errorf("of %+v and %+v, want all but %q to be conformance tests", a.Tests, u.Tests, noTest)
	}
}

func TestJudgeSaysNothingThatListsDoNotTell(t *testing.T) {
	run := load(t, various(), asked(t, inList, "GET", "/apis/x/v1/A", 200))
	run.Judge(conformance.Lists{Tests: lists().Tests})
	if a := run.Operation("listA"); run.EligibilityKnown() || a.Eligible || a.Why != "" || !run.TestsKnown() || !a.Tests[0].Conformance {
		t.Errorf("%+v, want no word on eligibility", a)
	}
}

func TestSummarize(t *testing.T) {
	run := judged(t,
		asked(t, inList, "GET", "/apis/x/v1/A", 404), asked(t, noTest, "GET", "/apis/x/v1/A", 200),
		asked(t, noTest, "GET", "/apis/x/v1/B", 404), asked(t, inList, "GET", "/apis/x/v1beta1/E", 200),
	)
	for name, test := range map[string]struct {
		choice Choice
		want   []Summary
	}{
		"all": {Choice{}, []Summary{
			{Keys: []string{"stable", "aggregated.example.com"}, Operations: 1},
			{Keys: []string{"stable", "custom.example.com"}, Operations: 1},
			{Keys: []string{"stable", "discovery"}, Operations: 4, Eligible: 3},
			{Keys: []string{"stable", "x"}, Operations: 2, Hit: 2, Succeeded: 1, Conformance: 1, Eligible: 2, EligibleConformance: 1},
			{Keys: []string{"stable", "y"}, Operations: 2},
			{Keys: []string{"beta", "x"}, Operations: 1, Hit: 1, Succeeded: 1, Conformance: 1},
		}},
		"only conformance": {Choice{OnlyConformance: true, Eligible: true}, []Summary{
			{Keys: []string{"stable", "discovery"}, Operations: 3, Eligible: 3},
			{Keys: []string{"stable", "x"}, Operations: 2, Hit: 1, Conformance: 1, Eligible: 2, EligibleConformance: 1},
		}},
		"successful": {Choice{Successful: true, Eligible: true}, []Summary{
			{Keys: []string{"stable", "discovery"}, Operations: 3, Eligible: 3},
			{Keys: []string{"stable", "x"}, Operations: 2, Hit: 1, Succeeded: 1, Eligible: 2},
		}},
	} {
		got, total := run.Summarize([]Dimension{Level, Group}, test.choice)
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		var sum Summary
		for _, s := range got {
			sum.Operations += s.Operations
			sum.Hit += s.Hit
			sum.Succeeded += s.Succeeded
			sum.Conformance += s.Conformance
			sum.Eligible += s.Eligible
			sum.EligibleConformance += s.EligibleConformance
		}
		if d := cmp.Diff(sum, total); d != "" {
			t.Errorf("%s: total (-sum of the groups +got):\n%s", name, d)
		}
	}
}

func TestSummarizeByKindAndVerb(t *testing.T) {
	run := load(t, kubernetes(t), asked(t, "one", "POST", "/api/v1/namespaces/a/pods", 201))
	groups, _ := run.Summarize([]Dimension{Kind, Verb}, Choice{})
	got := map[string]int64{}
	for _, g := range groups {
		if g.Keys[0] == "Pod" {
			got[g.Keys[1]] = g.Operations + 100*g.Hit
		}
	}
	want := map[string]int64{
		"create": 101, "delete": 1, "deletecollection": 1, "get": 5, "list": 2, "patch": 4, "update": 4, "watch": 3,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("operations of pods (-want +got):\n%s", d)
	}
}

func TestConformanceTests(t *testing.T) {
	spec := func(name string, outcome traffic.SpecOutcome) *traffic.Spec {
		return &traffic.Spec{Test: name, Outcome: outcome}
	}
	for name, test := range map[string]struct {
		specs []*traffic.Spec
		want  State
	}{
		"request only": {nil, StateRan},
		"no end":       {[]*traffic.Spec{spec(inList, traffic.SpecUnknown)}, StateRan},
		"passed":       {[]*traffic.Spec{spec(moved, traffic.SpecPassed), spec(inList, traffic.SpecSkipped)}, "passed"},
		"failed":       {[]*traffic.Spec{spec(inList, traffic.SpecFailed), spec(inList, traffic.SpecPassed)}, "failed"},
		"skipped":      {[]*traffic.Spec{spec(inList, traffic.SpecSkipped), spec("", traffic.SpecFailed)}, "skipped"},
	} {
		run := judged(t, asked(t, inList, "GET", "/apis/x/v1/A", 200), asked(t, inList, "GET", "/healthz", 200), asked(t, noTest, "GET", "/healthz", 200))
		want := []TestState{
			{Test: conformance.Test{Name: inList}, State: test.want, RanAs: inList, Requests: 2},
			{Test: conformance.Test{Name: notSeen}, State: StateNotSeen},
		}
		if d := cmp.Diff(want, run.ConformanceTests(test.specs)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
