//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"

	"e2etap/bench/internal/figures"
)

// results are the usages of each round, in the order of the subjects; the first of these is ours.
type results struct {
	subjects []*subject
	skipped  []string
	events   int
	shapes   []shape
	rounds   [][]usage

	set       []usage // of ours, of the rotated log
	setEvents int
	setDisk   int64 // bytes
}

// report writes the results as Markdown.
func (r *results) report(o options, args []string, before figures.Conditions) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Importing an audit log, %s\n\n", before.When.Format(time.DateOnly))
	fmt.Fprintf(&b, "`%s`\n\n", strings.Join(append([]string{"go run ./bench/auditimport"}, args...), " "))
	fmt.Fprintf(&b, "- %v\n- %s\n", before, before.Until(figures.Now()))
	fmt.Fprintf(&b, "- %d rounds, one program after the other; a log of %v, %d events, in the page cache\n", o.rounds, o.size, r.events)
	b.WriteString("- Every figure: the median of the rounds (lowest–highest). Ratios are taken within a round.\n")
	b.WriteString("- CPU time: user and system, of all processes, servers included. Memory: of the largest process, which counts the files and the " +
		"shared memory that it has mapped, and is no less than this program's own.\n")
	for _, sub := range r.subjects {
		fmt.Fprintf(&b, "- %s: %s\n", sub.name, sub.note)
	}
	for _, s := range r.skipped {
		fmt.Fprintf(&b, "- %s\n", s)
	}
	r.table(&b, o.size)
	b.WriteString("\n## The log\n\n| | first events | bytes, mean | p5, p50, p95, p99 | different strings in 1,000 events | User-Agents | request URIs |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, s := range r.shapes {
		fmt.Fprintln(&b, s.row())
	}
	r.rotated(&b, o.set)
	return b.String()
}

func (r *results) table(b *strings.Builder, size size) {
	fmt.Fprintf(b, "\n## %v\n\n", size)
	b.WriteString("| | CPU, s | × ours | time, s | × ours | MB/s | memory, MB |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for i, sub := range r.subjects {
		cpu := func(u []usage, i int) float64 { return u[i].cpu.Seconds() }
		wall := func(u []usage, i int) float64 { return u[i].wall.Seconds() }
		cell := func(decimals int, f func([]usage) float64) string { return r.over(f).Format(decimals) }
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", sub.name,
			cell(2, func(u []usage) float64 { return cpu(u, i) }), cell(2, func(u []usage) float64 { return cpu(u, i) / cpu(u, 0) }),
			cell(2, func(u []usage) float64 { return wall(u, i) }), cell(2, func(u []usage) float64 { return wall(u, i) / wall(u, 0) }),
			cell(0, func(u []usage) float64 { return float64(size) / 1e6 / wall(u, i) }),
			cell(0, func(u []usage) float64 { return float64(u[i].rss) / 1e6 }))
	}
}

// over spreads what f makes of each round.
func (r *results) over(f func([]usage) float64) figures.Spread {
	var values []float64
	for _, round := range r.rounds {
		values = append(values, f(round))
	}
	return figures.NewSpread(values)
}

func (r *results) rotated(b *strings.Builder, size size) {
	if r.set == nil {
		return
	}
	fmt.Fprintf(b, "\n## A rotated log of %v\n\n%d events in four files, the older two packed with gzip: %d MB on the disk, imported as a folder, once.\n\n",
		size, r.setEvents, r.setDisk/1e6)
	b.WriteString("| | CPU, s | time, s | MB/s | memory, MB |\n| --- | --- | --- | --- | --- |\n")
	for i, u := range r.set {
		fmt.Fprintf(b, "| %s | %.2f | %.2f | %.0f | %d |\n", r.subjects[i].name, u.cpu.Seconds(), u.wall.Seconds(),
			float64(size)/1e6/u.wall.Seconds(), u.rss/1e6)
	}
}
