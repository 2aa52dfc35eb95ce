//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"e2etap/bench/internal/figures"
)

// pageRate is how many requests a second go through the proxy whose run a browser follows, or does not.
const pageRate = 2000

// pageRound is a round: the proxy's CPU time for a request without the page and with it, and how the page did.
type pageRound struct {
	closed, open measurement
	seen         pageSeen
}

// pageSeen is what ui/test/watch.mjs tells of an open page.
type pageSeen struct {
	LongestFrame float64 `json:"longest_frame_ms"`
	LongestTask  float64 `json:"longest_task_ms"` // of those above 50 ms; 0 without any (W3C, Long Tasks)
	LongTasks    int     `json:"long_tasks"`
	Answers      int     `json:"answers"`
}

// measurePage measures the proxy with its page closed and open by turns. The one that is first changes from round to round.
func (s *stage) measurePage(o options) ([]pageRound, error) {
	sub := s.subjects[len(s.subjects)-1]
	t := task{Requests: int(o.limit.Seconds() * pageRate), Concurrency: 16, Limit: 2 * o.limit, Rate: pageRate}
	if _, err := s.one(sub, t); err != nil { // not measured: connections, caches
		return nil, err
	}
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+/\w+/`).FindString(sub.process.stderr.String())
	if url == "" {
		return nil, fmt.Errorf("%s does not say where its page is: %s", sub.name, sub.process.stderr.String())
	}
	_, others, _ := o.cores()
	browser, err := start(s.ctx, command{name: "browser", args: []string{"node", "ui/test/watch.mjs", url, s.path("profile")}, cores: others})
	if err != nil {
		return nil, err
	}
	browser.endsBySignal = true
	rounds, err := s.pageRounds(o, t, sub, browser)
	return rounds, errors.Join(err, browser.stop())
}

func (s *stage) pageRounds(o options, t task, sub *subject, browser *process) (rounds []pageRound, err error) {
	for i := range o.rounds {
		fmt.Fprintf(s.log, "bench: round %d of %d\n", i+1, o.rounds)
		var r pageRound
		for _, open := range []bool{i%2 == 1, i%2 == 0} {
			if open {
				r.open, r.seen, err = s.withPage(sub, t, browser)
			} else {
				r.closed, err = s.one(sub, t)
			}
			if err != nil {
				return nil, err
			}
		}
		rounds = append(rounds, r)
	}
	return rounds, nil
}

// withPage opens the page, measures, and closes it.
func (s *stage) withPage(sub *subject, t task, browser *process) (m measurement, seen pageSeen, err error) {
	if _, err := browser.ask("open"); err != nil {
		return m, seen, err
	}
	m, err = s.one(sub, t)
	if err != nil {
		return m, seen, err
	}
	told, err := browser.ask("close")
	if err == nil {
		err = json.Unmarshal([]byte(told), &seen)
	}
	if err == nil && seen.Answers < 3 {
		err = fmt.Errorf("the page asked %d times: it does not follow the run", seen.Answers)
	}
	return m, seen, err
}

// ask writes a line to the process and returns the line that it answers with.
func (p *process) ask(line string) (string, error) {
	if _, err := fmt.Fprintln(p.stdin, line); err != nil {
		return "", err
	}
	return p.line("")
}

func reportPage(o options, args []string, before figures.Conditions, rounds []pageRound) string {
	var b strings.Builder
	after := figures.Now()
	fmt.Fprintf(&b, "# What a page that follows a run costs the proxy, %s\n\n", before.When.Format(time.DateOnly))
	fmt.Fprintf(&b, "`%s`\n\n", strings.Join(append([]string{"go run ./bench"}, args...), " "))
	fmt.Fprintf(&b, "- %v\n- %s\n- %s; the browser where the client is\n", before, before.Until(after), placement(o))
	fmt.Fprintf(&b, "- %d rounds of %v with the page closed and %v with its live view open in Chromium; %d requests/s asked for\n", o.rounds, o.limit, o.limit, pageRate)
	b.WriteString("- Every figure: the median of the rounds (lowest–highest). Ratios are taken within a round.\n\n")
	over := func(of func(pageRound) float64, decimals int) string {
		var values []float64
		for _, r := range rounds {
			values = append(values, of(r))
		}
		return figures.NewSpread(values).Format(decimals)
	}
	row := func(name string, decimals int, of func(pageRound) float64) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, over(of, decimals))
	}
	b.WriteString("| | |\n| --- | --- |\n")
	row("CPU-µs a request, page closed", 1, func(r pageRound) float64 { return r.closed.cpu })
	row("CPU-µs a request, page open", 1, func(r pageRound) float64 { return r.open.cpu })
	row("open ÷ closed", 3, func(r pageRound) float64 { return r.open.cpu / r.closed.cpu })
	row("requests/s, page open", 0, func(r pageRound) float64 { return r.open.rate })
	row("p50, page open less closed, µs", 0, func(r pageRound) float64 { return r.open.p50 - r.closed.p50 })
	row("answers to the page", 0, func(r pageRound) float64 { return float64(r.seen.Answers) })
	row("longest frame of the page, ms", 0, func(r pageRound) float64 { return r.seen.LongestFrame })
	row("its tasks of 50 ms and more", 0, func(r pageRound) float64 { return float64(r.seen.LongTasks) })
	return b.String()
}
