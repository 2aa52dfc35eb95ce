package main

import (
	"fmt"
	"slices"
	"strings"

	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

// sourceColumns tell from which sources of the attribution a group's requests come: a column of tables, unless they group by
// source or have no tests, and a number for each source in JSON and CSV.
func sourceColumns(by []db.Dimension, f *db.Filter) []render.Column {
	columns := []render.Column{{Title: "SOURCES", Extra: true}}
	if slices.Contains(by, db.Source) || slices.Equal(f.Tests, []string{""}) {
		columns[0].Title = ""
	}
	for _, s := range traffic.Sources() {
		columns = append(columns, render.Column{Name: "from_" + strings.ReplaceAll(s.String(), "-", "_"), Kind: render.Count})
	}
	return columns
}

func sourceValues(g *db.Group) []any {
	values := []any{sourcesText(g)}
	for _, s := range traffic.Sources() {
		values = append(values, g.Sources[s])
	}
	return values
}

// sourcesText lists the sources, strongest first, each with its number of requests unless that is all: "user-agent 30, process 12".
func sourcesText(g *db.Group) string {
	var words []string
	for _, s := range traffic.Sources() {
		switch n := g.Sources[s]; n {
		case 0:
		case g.Requests:
			words = append(words, s.String())
		default:
			words = append(words, fmt.Sprintf("%v %d", s, n))
		}
	}
	return strings.Join(words, ", ")
}
