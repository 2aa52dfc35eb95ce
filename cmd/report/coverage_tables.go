package main

import (
	"cmp"
	"slices"

	"e2etap/internal/coverage"
	"e2etap/internal/render"
)

var coverageKeyColumns = map[coverage.Dimension]render.Column{
	coverage.Level: {Name: "level", Title: "LEVEL"},
	coverage.Group: {Name: "group", Title: "GROUP", Empty: "(core)"},
	coverage.Kind:  {Name: "kind", Title: "KIND", Empty: "(none)"},
	coverage.Verb:  {Name: "verb", Title: "VERB"},
}

var coverageColumns = []render.Column{
	{Name: "operations", Title: "OPERATIONS", Kind: render.Count},
	{Name: "hit", Title: "HIT", Kind: render.Count},
	{Name: "hit_percent", Title: "OF ALL", Kind: render.Percent},
	{Name: "succeeded", Title: "SUCCEEDED", Kind: render.Count},
	{Name: "by_conformance", Title: "BY CONFORMANCE", Kind: render.Count},
	{Name: "eligible", Title: "ELIGIBLE", Kind: render.Count},
	{Name: "eligible_by_conformance", Title: "ELIGIBLE BY CONFORMANCE", Kind: render.Count},
	{Name: "eligible_percent", Title: "OF ELIGIBLE", Kind: render.Percent},
}

func coverageTable(run *coverage.Run, by []coverage.Dimension, c coverage.Choice) render.Table {
	groups, total := run.Summarize(by, c)
	var t render.Table
	for _, d := range by {
		t.Columns = append(t.Columns, coverageKeyColumns[d])
	}
	t.Columns = append(t.Columns, coverageColumns...)
	t.Rows = rowsOf(groups, func(s *coverage.Summary) []any { return coverageRow(run, s) })
	if len(groups) > 0 {
		total.Keys = make([]string, len(by))
		t.Total = totalRow(coverageRow(run, &total), len(by))
	}
	return t
}

func coverageRow(run *coverage.Run, s *coverage.Summary) []any {
	var row []any
	for _, k := range s.Keys {
		row = append(row, k)
	}
	row = append(row, s.Operations, s.Hit, percentOf(s.Hit, s.Operations), s.Succeeded, knownIf(run.TestsKnown(), s.Conformance))
	row = append(row, knownIf(run.EligibilityKnown(), s.Eligible))
	if !run.TestsKnown() || !run.EligibilityKnown() {
		return append(row, nil, nil)
	}
	return append(row, s.EligibleConformance, percentOf(s.EligibleConformance, s.Eligible))
}

// percentOf is a share in percent; nil of nothing.
func percentOf(n, all int64) any {
	if all == 0 {
		return nil
	}
	return 100 * float64(n) / float64(all)
}

func knownIf(is bool, n int64) any {
	if !is {
		return nil
	}
	return n
}

var untestedColumns = []render.Column{
	{Name: "operation", Title: "OPERATION"},
	{Name: "method", Title: "METHOD"},
	{Name: "path", Title: "PATH"},
	{Name: "group"},
	{Name: "version"},
	{Name: "kind"},
	{Name: "verb"},
	{Name: "level", Title: "LEVEL"},
	{Name: "deprecated"},
	{Name: "eligible", Title: "ELIGIBLE", Empty: "-"},
	{Name: "why", Title: "WHY", Empty: "-"},
}

func untestedRows(run *coverage.Run, c coverage.Choice) [][]any {
	var rows [][]any
	for i := range run.Operations {
		op := &run.Operations[i]
		if hits, _, _ := op.Chosen(c); hits > 0 || c.Eligible && !op.Eligible {
			continue
		}
		eligible := any(nil)
		if run.EligibilityKnown() {
			eligible = yesNo(op.Eligible)
		}
		rows = append(rows, []any{
			op.ID, op.Method, op.Path, op.Group, op.Version, op.Kind, op.Verb(), op.Level.String(), yesNo(op.Deprecated), eligible, op.Why,
		})
	}
	return rows
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

var unresolvedColumns = []render.Column{
	{Name: "method", Title: "METHOD", Empty: "-"},
	{Name: "verb", Title: "VERB"},
	{Name: "group", Title: "GROUP", Empty: "-"},
	{Name: "version", Title: "VERSION", Empty: "-"},
	{Name: "resource", Title: "RESOURCE", Empty: "-"},
	{Name: "path", Title: "PATH", Empty: "-"},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "succeeded", Title: "SUCCEEDED", Kind: render.Count},
	{Name: "tests", Title: "TESTS", Kind: render.Count},
}

func unresolvedRows(run *coverage.Run) [][]any {
	all := slices.Clone(run.Unresolved)
	slices.SortStableFunc(all, func(a, b coverage.Unresolved) int { return cmp.Compare(b.Requests, a.Requests) })
	var rows [][]any
	for i := range all {
		u := &all[i]
		resource := u.Resource
		if u.Subresource != "" {
			resource += "/" + u.Subresource
		}
		tests := len(u.Tests)
		if u.Use("") != nil {
			tests--
		}
		rows = append(rows, []any{u.Method, u.Endpoint.Verb, u.Group, u.Version, resource, u.Path, u.Requests, u.Successes, int64(tests)})
	}
	return rows
}

var testStateColumns = []render.Column{
	{Name: "test", Title: "TEST"},
	{Name: "state", Title: "STATE"},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "testname"},
	{Name: "release", Title: "RELEASE", Empty: "-"},
	{Name: "file"},
}

func testStateRows(states []coverage.TestState) [][]any {
	var rows [][]any
	for i := range states {
		s := &states[i]
		rows = append(rows, []any{s.Name, string(s.State), s.Requests, s.Testname, s.Release, s.File})
	}
	return rows
}
