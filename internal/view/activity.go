package view

import (
	"time"

	"e2etap/internal/db"
)

// parts is how many parts of a run's time an Activity has at most.
const parts = 600

// leastWidth is the width of parts to begin with.
const leastWidth = 100 * time.Millisecond

// Activity says how many requests began in each part of a run's time, and when tests sent some.
type Activity struct {
	Width     float64               `json:"width_ms"` // of a part; the first begins with the run
	Requests  []int64               `json:"requests"`
	Errors4xx []int64               `json:"errors_4xx"`
	Errors5xx []int64               `json:"errors_5xx"`
	Tests     map[string][2]float64 `json:"tests"` // start of the first and the last request, in milliseconds since the run's start
}

// Clock counts requests by time, without knowing when the last one comes.
type Clock struct {
	start    time.Time
	width    time.Duration
	counts   [parts]counts
	used     int
	firsts   map[string]int // in spans
	spans    []span
	lastTest int
}

type counts struct{ requests, errors4xx, errors5xx int64 }

type span struct {
	test        string
	first, last time.Time
}

// NewClock begins with nothing. Start is the run's.
func NewClock(start time.Time) *Clock {
	return &Clock{start: start, width: leastWidth, firsts: map[string]int{}, lastTest: -1}
}

// Add counts a request.
func (c *Clock) Add(p *db.Point) {
	a := db.Activity{Test: p.Test, Requests: 1, First: p.Start, Last: p.Start}
	switch p.Status / 100 {
	case 4:
		a.Errors4xx = 1
	case 5:
		a.Errors5xx = 1
	}
	c.add(&a)
}

func (c *Clock) add(a *db.Activity) {
	part := int(max(a.First.Sub(c.start), 0) / c.width)
	for part >= parts {
		c.halve()
		part = int(max(a.First.Sub(c.start), 0) / c.width)
	}
	c.used = max(c.used, part+1)
	n := &c.counts[part]
	n.requests += a.Requests
	n.errors4xx += a.Errors4xx
	n.errors5xx += a.Errors5xx
	c.extend(a)
}

// cover makes parts as wide as it takes for a run that lasts to a time; one that is not known is before the start.
func (c *Clock) cover(end time.Time) {
	for c.width*parts < end.Sub(c.start) {
		c.halve()
	}
}

// halve makes one part of two.
func (c *Clock) halve() {
	for i := range c.counts {
		if n := c.counts[i]; i > 0 {
			c.counts[i] = counts{}
			to := &c.counts[i/2]
			to.requests += n.requests
			to.errors4xx += n.errors4xx
			to.errors5xx += n.errors5xx
		}
	}
	c.width *= 2
	c.used = (c.used + 1) / 2
}

// extend notes when a test sent requests. Neighbours are mostly of one test.
func (c *Clock) extend(a *db.Activity) {
	i := c.lastTest
	if i < 0 || c.spans[i].test != a.Test {
		var known bool
		if i, known = c.firsts[a.Test]; !known {
			i = len(c.spans)
			c.firsts[a.Test] = i
			c.spans = append(c.spans, span{a.Test, a.First, a.Last})
		}
		c.lastTest = i
	}
	s := &c.spans[i]
	if a.First.Before(s.first) {
		s.first = a.First
	}
	if a.Last.After(s.last) {
		s.last = a.Last
	}
}

// Activity returns what was counted.
func (c *Clock) Activity() *Activity {
	a := &Activity{Width: millis(c.width), Tests: make(map[string][2]float64, len(c.spans))}
	for _, n := range c.counts[:c.used] {
		a.Requests = append(a.Requests, n.requests)
		a.Errors4xx = append(a.Errors4xx, n.errors4xx)
		a.Errors5xx = append(a.Errors5xx, n.errors5xx)
	}
	for _, s := range c.spans {
		a.Tests[s.test] = [2]float64{millis(s.first.Sub(c.start)), millis(s.last.Sub(c.start))}
	}
	return a
}
