package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"e2etap/internal/traffic"
)

// census counts requests.
type census struct {
	requests int64
	tests    map[string]bool
	untested map[untested]int64
	outcomes map[traffic.Outcome]int64 // of requests that did not end as their kind does
}

// untested is what requests without a test are counted by.
type untested struct {
	why     traffic.Why
	program string // of the User-Agent
}

func newCensus() census {
	return census{tests: map[string]bool{}, untested: map[untested]int64{}, outcomes: map[traffic.Outcome]int64{}}
}

func (c *census) clone() census {
	return census{c.requests, maps.Clone(c.tests), maps.Clone(c.untested), maps.Clone(c.outcomes)}
}

func (c *census) count(q *traffic.Request) {
	c.requests++
	if q.Test == "" {
		c.untested[untested{q.Why, program(q.Client.UserAgent)}]++
	} else {
		c.tests[q.Test] = true
	}
}

func (c *census) countOutcome(q *traffic.Request) {
	if !endedWell(q) {
		c.outcomes[q.Outcome]++
	}
}

// endedWell tells whether a request ended as its kind does; a watch does so when its client leaves.
func endedWell(q *traffic.Request) bool {
	return q.Outcome == traffic.Complete || q.Outcome == traffic.ClientAborted && q.API.LongRunning()
}

// reasons lists the requests without a test by what is known of them, most requests first, each with the programs that sent
// them: "suite: e2e.test 8".
func (c *census) reasons() (total int64, lines []string) {
	byWhy := map[traffic.Why]map[string]int64{}
	sums := map[traffic.Why]int64{}
	for u, n := range c.untested {
		if byWhy[u.why] == nil {
			byWhy[u.why] = map[string]int64{}
		}
		byWhy[u.why][u.program] += n
		sums[u.why] += n
		total += n
	}
	for _, why := range byCount(sums) {
		lines = append(lines, why.String()+": "+programs(byWhy[why]))
	}
	return total, lines
}

// maxPrograms is how many client programs are named for a reason.
const maxPrograms = 5

func programs(counts map[string]int64) string {
	var words []string
	for _, name := range byCount(counts) {
		words = append(words, name+" "+decimal(counts[name]))
	}
	if more := len(words) - maxPrograms; more > 0 {
		words = append(words[:maxPrograms:maxPrograms], plural(int64(more), "other"))
	}
	return strings.Join(words, ", ")
}

// byCount returns the keys, those with the highest counts first.
func byCount[K cmp.Ordered](counts map[K]int64) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

// program names a client in the summary.
func program(userAgent string) string { return cmp.Or(traffic.Program(userAgent), "(no User-Agent)") }
