package main

import (
	"math"
	"strings"
	"time"

	"e2etap/internal/digest"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

var summaryRunColumns = []render.Column{
	{Name: "run", Title: "Run"},
	{Name: "command", Title: "Command", Empty: "-"},
	{Name: "server_version", Title: "Server", Empty: "-"},
	{Name: "start", Title: "Start"},
	{Name: "end"},
	{Name: "duration_ms", Title: "Duration", Kind: render.Duration},
	{Name: "exit_code", Title: "Exit code", Kind: render.Count},
	{Name: "passed", Title: "Specs passed", Kind: render.Count},
	{Name: "failed", Title: "Specs failed", Kind: render.Count},
	{Name: "skipped", Title: "Specs skipped", Kind: render.Count},
	{Name: "other", Title: "Specs without a result", Kind: render.Count},
	{Name: "tests", Title: "Tests with requests", Kind: render.Count},
	{Name: "requests", Title: "Requests", Kind: render.Count},
	{Name: "untagged", Title: "Requests without a test", Kind: render.Count},
	{Name: "errors_5xx", Title: "Errors 5xx", Kind: render.Count},
	{Name: "errors_4xx", Title: "Errors 4xx", Kind: render.Count},
	{Name: "lost", Title: "Lost", Kind: render.Count},
}

func section(name, title string, columns []render.Column, rows [][]any) render.Section {
	s := render.Section{Name: name, Table: table(columns, rows)}
	s.Title = title
	return s
}

// rowsFor makes a row of each of a list.
func rowsFor[T any](list []T, row func(*T) []any) (rows [][]any) {
	for i := range list {
		rows = append(rows, row(&list[i]))
	}
	return rows
}

func runSection(d *digest.Digest) render.Section {
	var end, duration, exit, lost any
	if !d.Run.End.IsZero() {
		end, duration = d.Run.End.Format(time.RFC3339Nano), d.Run.End.Sub(d.Run.Start)
		exit, lost = int64(d.Run.ExitCode), d.Run.Lost
	}
	s := section("run", "", summaryRunColumns, [][]any{{
		d.Run.Name, commandLine(d.Run.Command), d.Run.ServerVersion, d.Run.Start.Format(time.RFC3339), end, duration, exit,
		d.Specs(traffic.SpecPassed), d.Specs(traffic.SpecFailed), d.Specs(traffic.SpecSkipped),
		d.Specs(traffic.SpecPending, traffic.SpecInterrupted, traffic.SpecUnknown),
		d.TestCount(), d.Total.Requests, d.UntaggedRequests(), d.Total.Errors5xx, d.Total.Errors4xx, lost,
	}})
	s.Record = true
	return s
}

var (
	againstColumns = []render.Column{
		{Name: "run", Title: "Run"},
		{Name: "start", Title: "Start"},
		{Name: "server_version", Title: "Server", Empty: "-"},
		{Name: "requests", Title: "Requests", Kind: render.Count},
	}
	figureColumns = []render.Column{
		{Name: "figure"},
		{Title: "FIGURE"},
		{Name: "before", Title: "BEFORE", Kind: render.Count},
		{Name: "after", Title: "AFTER", Kind: render.Count},
		{Name: "change", Title: "CHANGE", Kind: render.Count},
	}
	changeColumns = []render.Column{
		{Name: "test", Title: "TEST", Empty: noTest},
		{Name: "before", Title: "BEFORE", Kind: render.Count},
		{Name: "after", Title: "AFTER", Kind: render.Count},
		{Name: "change", Title: "CHANGE", Kind: render.Count},
		{Name: "change_percent", Title: "IN PERCENT", Kind: render.Percent},
	}
)

// changeSections tell what is different from another run, which --against names.
func changeSections(name string, before, after *digest.Digest) []render.Section {
	run := &before.Run
	against := section("against", "Against "+name, againstColumns, [][]any{{
		run.Name, run.Start.Format(time.RFC3339), run.ServerVersion, before.Total.Requests,
	}})
	against.Record = true
	figures := section("figures", "Figures that changed", figureColumns, rowsFor(digest.Figures(before, after), func(f *digest.Figure) []any {
		return []any{f.Name, strings.ReplaceAll(f.Name, "_", " "), f.Before, f.After, f.After - f.Before}
	}))
	figures.Empty = "Requests, errors and tests are as many as before."
	changes := section("changes", "Tests whose requests changed", changeColumns, rowsFor(digest.Changes(before, after), changeRow))
	changes.Empty = "No test's requests changed by more than 20 % and by 5 or more."
	return []render.Section{against, figures, changes}
}

func changeRow(c *digest.Change) []any {
	var percent any
	if p, ok := c.Percent(); ok {
		percent = hundredths(p)
	}
	return []any{c.Test, c.Before, c.After, c.Change(), percent}
}

// hundredths keeps two digits behind the point, as JSON is to have a percentage.
func hundredths(p float64) float64 { return math.Round(p*100) / 100 }
