package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"e2etap/internal/crosscheck"
	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

// What --help documents is what there is: columns, and the values that are words of our own.
func TestHelpNamesColumnsAndValues(t *testing.T) {
	words := strings.Join(strings.Fields(long), " ")
	want := slices.Concat(traffic.SourceNames(), traffic.WhyNames(), traffic.PhaseNames())
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
		retagLong: retagColumns, importLong: importColumns, specsLong: specColumns, evaluateLong: slices.Concat(scoreColumns, mistakeColumns),
		importAuditLong: importAuditColumns, crossCheckLong: slices.Concat(crossColumns, crossListColumns, cellColumns()),
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

// cellColumns are the values of cells and kinds of differences, which help has to name too.
func cellColumns() (columns []render.Column) {
	for _, name := range append(cellNames(), crosscheck.Kinds()...) {
		columns = append(columns, render.Column{Name: name})
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
