package main

import (
	"fmt"
	"sync"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/spec"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

// ledger is the gateway's Recorder: it has requests attributed, writes what happened into the recording, and keeps the
// counts that the status line and the summary show.
type ledger struct {
	rec    *db.Recorder // set before the gateway serves
	onLost func(error)  // called when something was not recorded

	tagUpstream bool
	tagging     sync.Mutex // of what follows; specs and processes are told to the tagger and the recording in one order
	tags        *tagger.Tagger
	marks       map[int64]*traffic.Spec // the mark that is in force, by process (0: not known)
	running     map[int64]*traffic.Spec // that the output tells of, by key
	ended       specCounts              // of both

	mu sync.Mutex
	census
}

func newLedger(tags *tagger.Tagger, tagUpstream bool, onLost func(error)) *ledger {
	return &ledger{
		onLost: onLost, tags: tags, tagUpstream: tagUpstream, marks: map[int64]*traffic.Spec{},
		running: map[int64]*traffic.Spec{}, ended: specCounts{}, census: newCensus(),
	}
}

func (l *ledger) Connect(c *traffic.Connection) {
	l.tagging.Lock()
	l.record(c.Process)
	l.tagging.Unlock()
	l.check(l.rec.Connect(c))
}

// record records a process and its ancestors, those that are new.
func (l *ledger) record(p *traffic.Process) {
	if p == nil || p.ID != 0 {
		return
	}
	l.record(p.Parent)
	kept := *p
	kept.Command = redactProcess(p.Command)
	l.check(l.rec.Process(&kept))
	p.ID = kept.ID
}

// Attribute finds the test of a request that has begun.
func (l *ledger) Attribute(q *traffic.Request, p *traffic.Process) (userAgent string) {
	l.tagging.Lock()
	q.Attribution = l.tags.Attribute(q, p)
	l.tags.Learn(q, p)
	l.tagging.Unlock()
	agent := q.Client.UserAgent
	if !l.tagUpstream || q.Test == "" || l.tags.Names(agent) {
		return agent
	}
	q.TaggedAs = q.Test
	return tagger.Tagged(agent, q.Test)
}

func (l *ledger) Start(q *traffic.Request) { l.check(l.rec.Start(q)) }

func (l *ledger) Finish(q *traffic.Request) {
	l.check(l.rec.Finish(q))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(q)
	l.countOutcome(q)
}

// printed takes note of what the command's output tells of a spec.
func (l *ledger) printed(e spec.Event) {
	l.tagging.Lock()
	defer l.tagging.Unlock()
	s := l.running[e.Key]
	if s == nil {
		s = new(traffic.Spec)
		l.running[e.Key] = s
	}
	id, phases := s.ID, s.Phases
	*s = e.Spec
	s.ID, s.Phases = id, phases
	switch e.Kind {
	case spec.Paused:
		s.Phases = append(s.Phases, traffic.PhaseStart{At: e.At, Phase: traffic.PhasePaused, Attempt: 1})
	case spec.Continued:
		s.Phases = append(s.Phases, traffic.PhaseStart{At: e.At, Phase: traffic.PhaseBody, Attempt: 1})
	case spec.Ended:
		delete(l.running, e.Key)
		l.ended.add(s)
	}
	l.note(s)
}

func (l *ledger) note(s *traffic.Spec) {
	l.tags.Spec(s)
	l.check(l.rec.Spec(s))
}

// mark begins a spec that a script marks in a process, and ends the one before. An empty test only ends that.
func (l *ledger) mark(test string, p *traffic.Process, now time.Time) {
	l.tagging.Lock()
	defer l.tagging.Unlock()
	l.record(p)
	id := int64(0) // not known
	if p != nil {
		id = p.ID
	}
	if before := l.marks[id]; before != nil {
		before.End, before.Duration = now, now.Sub(before.Start)
		l.note(before)
		delete(l.marks, id)
		l.ended.add(before)
	}
	if test == "" {
		return
	}
	s := &traffic.Spec{Test: test, Told: traffic.ToldMark, Process: p, Start: now}
	l.marks[id] = s
	l.note(s)
}

// check acts on a row that could not be kept; db has counted it and said so.
func (l *ledger) check(err error) {
	if err != nil {
		l.onLost(err)
	}
}

// counts returns what is counted now.
func (l *ledger) counts() census {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clone()
}

// requestsLine is the text of a status line: how many requests there are, and how many came in a second since it was asked last.
func (l *ledger) requestsLine() lineText {
	last, lastTime := l.counts(), time.Now()
	return func(now time.Time) string {
		c := l.counts()
		rate := float64(c.requests-last.requests) / now.Sub(lastTime).Seconds()
		last, lastTime = c, now
		return fmt.Sprintf("%s, %s, %.0f requests/s", plural(c.requests, "request"), plural(int64(len(c.tests)), "test"), rate)
	}
}
