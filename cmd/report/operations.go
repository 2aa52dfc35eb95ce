package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

// loadCoverage loads the run that --run names, judged by the conformance lists.
func (o *options) loadCoverage(r *db.Reader, lists *listFiles, stderr io.Writer) (*coverage.Run, error) {
	info, err := r.Run(o.run)
	if err != nil {
		return nil, err
	}
	run, err := coverage.Load(r, info)
	if err != nil {
		return nil, err
	}
	return run, lists.judge(run, stderr)
}

// operationColumns begin tables that have operations in their rows.
var operationColumns = []render.Column{
	{Name: "operation", Title: "OPERATION", Empty: "(none)"},
	{Name: "method", Title: "METHOD", Empty: "-"},
	{Name: "path", Title: "PATH"},
	{Name: "group"},
	{Name: "version"},
	{Name: "kind"},
	{Name: "level"},
	{Name: "deprecated"},
	{Name: "eligible"},
}

func operationValues(run *coverage.Run, op *coverage.Op) []any {
	eligible := any(nil)
	if run.EligibilityKnown() {
		eligible = yesNo(op.Eligible)
	}
	return []any{op.ID, op.Method, op.Path, op.Group, op.Version, op.Kind, op.Level.String(), yesNo(op.Deprecated), eligible}
}

// useColumns count the requests of a test for an operation.
var useColumns = []render.Column{
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "successes", Title: "SUCCESSES", Kind: render.Count},
	{Name: "watches", Title: "WATCHES", Kind: render.Count},
	{Name: "statuses", Title: "STATUSES"},
}

func useValues(use *coverage.TestUse) []any {
	return []any{use.Requests, use.Successes, use.Watches, statusesText(use)}
}

// statusesText lists statuses with their numbers of requests, those of most requests first: "200 3, 404 1".
func statusesText(use *coverage.TestUse) string {
	all := slices.SortedStableFunc(slices.Values(use.Statuses), func(a, b coverage.StatusCount) int { return int(b.Requests - a.Requests) })
	var words []string
	for _, s := range all {
		word := fmt.Sprintf("%d %d", s.Status, s.Requests)
		if s.Status == 0 {
			word = fmt.Sprintf("none %d", s.Requests)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// fromColumns tell from which sources of the attribution requests come, as those of sourceColumns.
func fromColumns() []render.Column { return sourceColumns(nil, &db.Filter{}) }

func fromValues(use *coverage.TestUse) []any {
	return sourceValues(&db.Group{Requests: use.Requests, Sources: [traffic.SourceCount]int64(use.Sources)})
}

// oneOf returns what a pattern means among names, as --test means tests: exactly one, or an error that names the others.
func oneOf(what, pattern string, names []string, hint string) (string, error) {
	found := db.MatchNames(pattern, names)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("no %s is named, matches or contains %q\nhint: %s", what, pattern, hint)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%q matches %d %ss, want one", pattern, len(found), what)
	for _, name := range found[:min(len(found), shownMatches)] {
		fmt.Fprintf(&b, "\n  %s", render.Printable(name))
	}
	if more := len(found) - shownMatches; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return "", fmt.Errorf("%s", b.String())
}

// shownMatches is how many names an error lists.
const shownMatches = 20
