package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"e2etap/internal/budget"
	"e2etap/internal/crosscheck"
	"e2etap/internal/db"
	"e2etap/internal/digest"
	"e2etap/internal/render"
	"e2etap/internal/rundiff"
	"e2etap/internal/traffic"
)

// What --help documents is what there is: columns, and the values that are words of our own.
func TestHelpNamesColumnsAndValues(t *testing.T) {
	words := strings.Join(strings.Fields(long), " ")
	want := slices.Concat(traffic.SourceNames(), traffic.WhyNames(), traffic.PhaseNames(), traffic.RoleNames())
	columns := slices.Concat(sumColumns, listColumns, sourceColumns(nil, &db.Filter{}))
	for _, c := range dimensionColumns {
		columns = append(columns, c)
	}
	for _, name := range append(want, names(columns)...) {
		if !strings.Contains(words, name) {
			t.Errorf("%q is not in the help text", name)
		}
	}
}

func TestHelpOfCommandsNamesTheirColumns(t *testing.T) {
	for text, columns := range map[string][]render.Column{
		retagLong: retagColumns, correlateLong: correlateColumns, importLong: importColumns, specsLong: specColumns, evaluateLong: slices.Concat(scoreColumns, mistakeColumns),
		summaryLong:     summaryColumns(),
		importAuditLong: importAuditColumns, crossCheckLong: slices.Concat(crossColumns, crossListColumns, cellColumns()),
		diffLong:     slices.Concat(diffColumns, kindColumns()),
		checkLong:    slices.Concat(checkColumns, budgetColumns()),
		endpointLong: slices.Concat(operationColumns, useColumns), testLong: slices.Concat(operationColumns, useColumns),
		focusLong:         slices.Concat(focusTestColumns, focusOperationColumns()),
		coverageLong:      slices.Concat(coverageColumns, slices.Collect(maps.Values(coverageKeyColumns)), untestedColumns, unresolvedColumns, testStateColumns),
		importOpenAPILong: importOpenAPIColumns,
	} {
		for _, name := range names(columns) {
			if !strings.Contains(text, name) {
				t.Errorf("%q is not in the help text %.20s…", name, text)
			}
		}
	}
}

// summaryColumns are those of all sections, and the sections themselves, which are fields of an object.
func summaryColumns() (columns []render.Column) {
	d := &digest.Digest{}
	for _, s := range slices.Concat([]render.Section{runSection(d)}, changeSections("", d, d), testSections(d)) {
		columns = append(append(columns, render.Column{Name: s.Name}), s.Columns...)
	}
	return columns
}

// cellColumns are the values of cells and kinds of differences, which help has to name too.
func cellColumns() (columns []render.Column) {
	for _, name := range append(cellNames(), crosscheck.Kinds()...) {
		columns = append(columns, render.Column{Name: name})
	}
	return columns
}

// kindColumns are the kinds of changes, which help has to name too.
func kindColumns() (columns []render.Column) {
	for _, kind := range rundiff.Kinds() {
		columns = append(columns, render.Column{Name: string(kind)})
	}
	return columns
}

// budgetColumns are the words of a budget that its table has, too.
func budgetColumns() (columns []render.Column) {
	for _, kind := range budget.SubjectKinds() {
		columns = append(columns, render.Column{Name: kind})
	}
	for _, m := range budget.Metrics() {
		columns = append(columns, render.Column{Name: string(m)})
	}
	return columns
}

func names(columns []render.Column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return all
}
