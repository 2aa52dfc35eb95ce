// Package synthetic makes audit logs as an API server writes them while Kubernetes' e2e suite runs against it: some tests at a
// time, each with a namespace and objects of its own and its name in the User-Agent, the controllers that act on these, the
// nodes, leases, and watches whose end comes long after their start. The policy is that of this repository's cluster: level
// Metadata, without RequestReceived.
//
// No part of a log repeats an earlier one: names and IDs go on changing as they do in a cluster, so that what keeps a string
// once gains from it what it would from a real log. The tests compare lengths and the number of different strings with real
// ones. What is asked makes sense for each request alone; it is no model of Kubernetes.
package synthetic

import (
	"bufio"
	"io"
	"math/rand/v2"
	"time"
)

// Log is a log being made. It is for one goroutine.
type Log struct {
	rnd      *rand.Rand
	now      time.Time
	cluster  *cluster
	tests    []*test // under way, as by so many processes of ginkgo
	begun    int     // tests
	watches  []event // open ones, the oldest in front
	revision int     // the cluster's resourceVersion
	line     []byte
	events   int
}

// workers is how many tests run at a time: ginkgo's processes in Kubernetes' CI jobs.
const workers = 25

// New returns a log at its beginning. The same seed makes the same log.
func New(seed uint64) *Log {
	l := &Log{
		rnd: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC), revision: 400,
		tests: make([]*test, workers),
	}
	l.cluster = newCluster(l)
	return l
}

// Write writes the next events of the log, a line each, until they have at least size bytes, and returns how many there were.
// Written to one file after the other, they are a rotated log.
func (l *Log) Write(w io.Writer, size int64) (events int, err error) {
	to := bufio.NewWriterSize(w, 1<<18)
	before := l.events
	for size > 0 {
		l.next()
		size -= int64(len(l.line))
		if _, err := to.Write(l.line); err != nil {
			return l.events - before, err
		}
	}
	return l.events - before, to.Flush()
}

// next makes line the next event's.
func (l *Log) next() {
	l.now = l.now.Add(time.Duration(l.rnd.ExpFloat64() * float64(2*time.Millisecond)))
	l.events++
	e := l.happens()
	if e.verb == "watch" && e.stage == "" {
		e.stage = "ResponseStarted"
		l.watches = append(l.watches, e)
	}
	l.line = e.append(l.line[:0])
}

func (l *Log) happens() event {
	const shortest, longest = 5 * time.Minute, 10 * time.Minute // that clients ask for
	if len(l.watches) > 0 && l.now.Sub(l.watches[0].received) > shortest+time.Duration(l.rnd.Int64N(int64(longest-shortest))) {
		e := l.watches[0]
		l.watches = l.watches[1:]
		e.stage, e.at = "ResponseComplete", l.now
		return e
	}
	var e event
	if l.rnd.IntN(100) < 15 {
		e = l.cluster.next(l)
	} else {
		e = l.test().next(l)
	}
	l.asked(&e)
	return e
}

// asked adds what every request has.
func (l *Log) asked(e *event) {
	e.id, e.at = l.uuid(), l.now
	e.received = l.now.Add(-time.Duration(float64(2*time.Millisecond) * (0.2 + l.rnd.ExpFloat64())))
	if e.verb == "update" {
		l.revision++
		e.uid, e.revision = l.uuid(), l.revision
	}
}

func (l *Log) test() *test {
	i := l.rnd.IntN(len(l.tests))
	if l.tests[i] == nil || l.tests[i].over() {
		l.begun++
		l.tests[i] = newTest(l, l.begun)
	}
	return l.tests[i]
}
