package main

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// ledger is the gateway's Recorder: it writes what happened into the recording and keeps the counts that the status
// line and the summary show.
type ledger struct {
	rec    *db.Recorder // set before the gateway serves
	onLost func(error)  // called when something was not recorded

	mu       sync.Mutex
	requests int64
	tests    map[string]bool
	untested map[string]int64          // requests without a test, by client program
	outcomes map[traffic.Outcome]int64 // of requests that did not end as their kind does
}

func newLedger(onLost func(error)) *ledger {
	return &ledger{
		onLost: onLost,
		tests:  map[string]bool{}, untested: map[string]int64{}, outcomes: map[traffic.Outcome]int64{},
	}
}

func (l *ledger) Connect(c *traffic.Connection) { l.check(l.rec.Connect(c)) }

func (l *ledger) Start(q *traffic.Request) { l.check(l.rec.Start(q)) }

func (l *ledger) Finish(q *traffic.Request) {
	l.check(l.rec.Finish(q))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if !endedWell(q) {
		l.outcomes[q.Outcome]++
	}
	if q.Test == "" {
		l.untested[program(q.Client.UserAgent)]++
	} else {
		l.tests[q.Test] = true
	}
}

// endedWell tells whether a request ended as its kind does; a watch does so when its client leaves.
func endedWell(q *traffic.Request) bool {
	return q.Outcome == traffic.Complete || q.Outcome == traffic.ClientAborted && q.API.LongRunning()
}

// check acts on a row that could not be kept; db has counted it and said so.
func (l *ledger) check(err error) {
	if err != nil {
		l.onLost(err)
	}
}

// counts are a ledger's at one moment.
type counts struct {
	requests, tests, untested int64
	programs                  []string // of the requests without a test, most requests first: "kubectl 120"
	outcomes                  map[traffic.Outcome]int64
}

func (l *ledger) counts() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := counts{requests: l.requests, tests: int64(len(l.tests)), outcomes: maps.Clone(l.outcomes)}
	for _, n := range l.untested {
		c.untested += n
	}
	names := slices.SortedFunc(maps.Keys(l.untested), func(a, b string) int {
		if d := l.untested[b] - l.untested[a]; d != 0 {
			return int(d)
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		c.programs = append(c.programs, name+" "+decimal(l.untested[name]))
	}
	return c
}

// program is the first word of a User-Agent without its version: "kubectl" of "kubectl/v1.37.2 (linux/amd64) …".
func program(userAgent string) string {
	name, _, _ := strings.Cut(userAgent, " ")
	name, _, _ = strings.Cut(name, "/")
	if name == "" {
		return "(no User-Agent)"
	}
	return name
}
