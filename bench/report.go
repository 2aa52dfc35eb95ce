//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"

	"e2etap/bench/internal/figures"
)

// baseline is the subject that the others' CPU time is compared with.
const baseline = "ReverseProxy"

// report writes the results as Markdown.
func report(o options, args []string, before figures.Conditions, skipped []string, all []*results) string {
	var b strings.Builder
	after := figures.Now()
	fmt.Fprintf(&b, "# What proxies cost, %s\n\n", before.When.Format(time.DateOnly))
	fmt.Fprintf(&b, "`%s`\n\n", strings.Join(append([]string{"go run ./bench"}, args...), " "))
	fmt.Fprintf(&b, "- %v\n", before)
	fmt.Fprintf(&b, "- %s\n", before.Until(after))
	fmt.Fprintf(&b, "- %s\n", placement(o))
	fmt.Fprintf(&b, "- %d rounds, one subject after the other; up to %d requests of %v at most in each; answers of %d bytes, HTTP/2 over TLS\n",
		o.rounds, o.requests, o.limit, answerSize)
	b.WriteString("- Every figure: the median of the rounds (lowest–highest). Ratios and differences are taken within a round.\n")
	for _, sub := range all[0].subjects {
		fmt.Fprintf(&b, "- %s: %s\n", sub.name, sub.note)
	}
	for _, s := range skipped {
		fmt.Fprintf(&b, "- %s\n", s)
	}
	for _, r := range all {
		r.write(&b)
	}
	return b.String()
}

func placement(o options) string {
	if !o.pin {
		return "processes not pinned; GOMAXPROCS=1 each"
	}
	proxy, load, api := o.cores()
	return fmt.Sprintf("proxies on core %d, client on core %d, API server on core %d; GOMAXPROCS=1 each", proxy[0], load[0], api[0])
}

func (r *results) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %d at a time\n\n", r.concurrency)
	fmt.Fprintf(b, "| | CPU-µs a request | × %s | added p50, µs | added p99, µs | requests/s |\n", baseline)
	b.WriteString("| --- | --- | --- | --- | --- | --- |\n")
	base := r.index(baseline)
	for i, sub := range r.subjects {
		rate := r.over(func(m []measurement) float64 { return m[i].rate }).Format(0)
		if sub.process == nil {
			p50 := r.over(func(m []measurement) float64 { return m[i].p50 }).Format(0)
			p99 := r.over(func(m []measurement) float64 { return m[i].p99 }).Format(0)
			fmt.Fprintf(b, "| %s | | | (itself: %s) | (itself: %s) | %s |\n", sub.name, p50, p99, rate)
			continue
		}
		cpu := r.over(func(m []measurement) float64 { return m[i].cpu }).Format(1)
		ratio := ""
		if base >= 0 {
			ratio = r.over(func(m []measurement) float64 { return m[i].cpu / m[base].cpu }).Format(2)
		}
		p50 := r.over(func(m []measurement) float64 { return m[i].p50 - m[0].p50 }).Format(0)
		p99 := r.over(func(m []measurement) float64 { return m[i].p99 - m[0].p99 }).Format(0)
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", sub.name, cpu, ratio, p50, p99, rate)
	}
}

// index of a subject, negative if it was not measured. The direct way is always the first.
func (r *results) index(name string) int {
	for i, sub := range r.subjects {
		if sub.name == name {
			return i
		}
	}
	return -1
}
