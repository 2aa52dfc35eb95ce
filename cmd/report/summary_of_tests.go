package main

import (
	"e2etap/internal/db"
	"e2etap/internal/digest"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

// top is how many tests a summary names that have the most of something.
const top = 10

var (
	failureColumns = []render.Column{
		{Name: "test"},
		{Name: "node"},
		{Title: "SPEC"},
		{Name: "outcome", Title: "OUTCOME"},
		{Name: "attempts", Title: "ATTEMPTS", Kind: render.Count},
		{Name: "duration_ms", Title: "DURATION", Kind: render.Duration},
		{Name: "requests", Title: "REQUESTS", Kind: render.Count},
		{Name: "errors_5xx", Title: "5XX", Kind: render.Count},
		{Name: "errors_4xx", Title: "4XX", Kind: render.Count},
		{Name: "location", Title: "LOCATION", Empty: "-"},
	}
	errorColumns = []render.Column{
		{Name: "test", Title: "TEST", Empty: noTest},
		{Name: "errors_5xx", Title: "5XX", Kind: render.Count},
		{Name: "errors_4xx", Title: "4XX", Kind: render.Count},
		{Name: "statuses", Title: "STATUSES"},
	}
	busiestColumns = []render.Column{
		{Name: "test", Title: "TEST"},
		{Name: "requests", Title: "REQUESTS", Kind: render.Count},
		{Name: "watches", Title: "WATCHES", Kind: render.Count},
		{Name: "bytes_out", Title: "OUT", Kind: render.Bytes},
	}
	slowestColumns = []render.Column{
		{Name: "test", Title: "TEST"},
		{Name: "max_ms", Title: "MAX", Kind: render.Duration},
		{Name: "p99_ms", Title: "P99", Kind: render.Duration},
		{Name: "p50_ms", Title: "P50", Kind: render.Duration},
	}
	sourcesColumns = []render.Column{
		{Name: "source", Title: "SOURCE"},
		{Name: "requests", Title: "REQUESTS", Kind: render.Count},
		{Name: "percent", Title: "SHARE", Kind: render.Percent},
	}
	causeColumns = []render.Column{
		{Name: "why", Title: "WHY", Empty: "-"},
		{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	}
)

// testSections tell of a run's tests: what needs a look comes first.
func testSections(d *digest.Digest) []render.Section {
	return []render.Section{
		section("failures", "Failed specs", failureColumns, rowsFor(d.Failed, failureRow)),
		section("errors", "Errors by test", errorColumns, rowsFor(d.Erring(), func(g *db.Group) []any {
			return []any{g.Keys[0], g.Errors5xx, g.Errors4xx, d.Statuses(g.Keys[0])}
		})),
		section("busiest", "Tests with the most requests", busiestColumns, rowsFor(d.Busiest(top), func(g *db.Group) []any {
			return []any{g.Keys[0], g.Requests, g.Watches, g.BytesOut}
		})),
		section("slowest", "Tests with the slowest requests", slowestColumns, rowsFor(d.Slowest(top), func(g *db.Group) []any {
			return []any{g.Keys[0], g.Max, g.P99, g.P50}
		})),
		section("sources", "What named the tests", sourcesColumns, sourceRows(d)),
		section("causes", "Requests without a test", causeColumns, rowsFor(d.Untagged, func(c *digest.Cause) []any {
			return []any{c.Why, c.Requests}
		})),
	}
}

func failureRow(f *digest.Failure) []any {
	name, duration := f.Test, any(nil)
	row := []any{f.Requests, f.Errors5xx, f.Errors4xx}
	if f.Test == "" {
		name, row = "("+f.Node+")", []any{nil, nil, nil}
	}
	if f.Duration > 0 {
		duration = f.Duration
	}
	row = append([]any{f.Test, f.Node, name, f.Outcome, known(int64(f.Attempts)), duration}, row...)
	return append(row, f.Location)
}

// sourceRows are in the order of the sources' strength; requests without a test come last.
func sourceRows(d *digest.Digest) (rows [][]any) {
	for _, s := range append(traffic.Sources(), traffic.SourceNone) {
		if n := d.Total.Sources[s]; n > 0 {
			rows = append(rows, []any{s.String(), n, hundredths(float64(n) / float64(d.Total.Requests) * 100)})
		}
	}
	return rows
}
