package view

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

func TestModelHasTestsByRequestsAndThoseWithSpecsOnly(t *testing.T) {
	m := load(t, []traffic.Spec{{Test: "skipped", Outcome: traffic.SpecSkipped, Start: at(1)}, {Node: "BeforeSuite", Start: at(0)}},
		get(1, 200, "one", "x"), get(2, 404, "two", "x"), get(3, 500, "two", "y"), get(4, 200, "", "x"))
	var got []string
	for _, test := range m.Tests {
		got = append(got, test.Name)
	}
	if d := cmp.Diff([]string{"two", "", "one", "skipped"}, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if two := m.Tests[0]; two.Requests != 2 || two.Errors4xx != 1 || two.Errors5xx != 1 || two.Sources["process"] != 2 || *two.Max != 1.5 {
		t.Errorf("%+v, want two requests of 1.5 ms by process, with 404 and 500", two)
	}
	if skipped := m.Tests[3]; skipped.Requests != 0 || skipped.Max != nil {
		t.Errorf("%+v, want no requests and no durations", skipped)
	}
}

func TestUsesCountByTestEndpointAndStatus(t *testing.T) {
	list := get(4, 200, "two", "")
	list.API.Verb, list.Path = "list", "/api/v1/namespaces/a/pods"
	otherwise := get(3, 404, "two", "y")
	otherwise.Source = traffic.SourceHeader // which Uses do not tell apart
	m := load(t, nil, get(1, 200, "one", "x"), get(2, 404, "two", "x"), otherwise, list)
	type use struct {
		Test, Verb string
		Status     int
		Requests   int64
	}
	var got []use
	for i, n := range m.Uses.Requests {
		got = append(got, use{m.Tests[m.Uses.Test[i]].Name, m.Endpoints[m.Uses.Endpoint[i]].Verb, m.Uses.Status[i], n})
	}
	want := []use{{"two", "get", 404, 2}, {"two", "list", 200, 1}, {"one", "get", 200, 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestSpecHasTimesSinceTheRunBegan(t *testing.T) {
	m := load(t, []traffic.Spec{{
		Test: "one", Told: traffic.ToldResults, Worker: "2", Start: at(1000), End: at(3500), Outcome: traffic.SpecFailed, Attempts: 2,
		Labels: []string{"Slow"}, Location: "a.go:1", Phases: []traffic.PhaseStart{{At: at(1500), Phase: traffic.PhaseBody, Attempt: 1}},
	}, {Test: "unknown"}})
	got, err := json.Marshal(m.Specs)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"test":"one","node":"","outcome":"failed","worker":"2","start_ms":1000,"end_ms":3500,"duration_ms":2500,"attempts":2,` +
		`"labels":["Slow"],"location":"a.go:1","told":"results","phases":[{"at_ms":1500,"phase":"body","attempt":1}]},` +
		`{"test":"unknown","node":"","outcome":"","worker":"","start_ms":null,"end_ms":null,"duration_ms":null,"attempts":0,` +
		`"labels":[],"location":"","told":"output","phases":null}]`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestRunThatHasNotEndedHasNoEnd(t *testing.T) {
	_, info := record(t, nil)
	info.End = time.Time{}
	run := runOf(info)
	if run.End != nil || run.Duration != nil || run.ExitCode != nil || run.Lost != nil {
		t.Errorf("%+v, want no end", run)
	}
}

func TestUnattributedAreThoseOfUntagged(t *testing.T) {
	r, info := record(t, nil, get(1, 200, "one", "x"), get(2, 404, "", "x"), get(3, 200, "", "y"))
	got, err := LoadUnattributed(r, info)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Client != "e2e.test" || got[0].Why != "between specs" || got[0].Requests != 2 || got[0].Errors4xx != 1 {
		t.Errorf("%+v, want 2 requests of e2e.test between specs", got)
	}
}
