//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// settle is waited for after each measurement, so that work which a proxy puts off (ours has its rows in a file at
// once and in SQLite half a second later) counts.
const settle = 700 * time.Millisecond

// measurement is one subject's in one round.
type measurement struct {
	cpu      float64 // µs a request; 0 for the direct way
	p50, p99 float64 // µs
	rate     float64 // requests/s
}

// results has the measurements of every subject at one concurrency, round by round.
type results struct {
	concurrency int
	subjects    []*subject
	rounds      [][]measurement // [round][subject]
}

// measure goes round: at each concurrency one subject after the other, so that what else the machine does meets all.
func (s *stage) measure(o options) ([]*results, error) {
	var all []*results
	for _, concurrency := range o.concurrencies {
		all = append(all, &results{concurrency: concurrency, subjects: s.subjects})
	}
	for _, sub := range s.subjects { // not measured: connections, caches
		if _, err := s.one(sub, task{Requests: o.requests / 4, Concurrency: 64, Limit: o.limit}); err != nil {
			return nil, err
		}
	}
	for round := range o.rounds {
		fmt.Fprintf(s.log, "bench: round %d of %d\n", round+1, o.rounds)
		for _, r := range all {
			var row []measurement
			for _, sub := range s.subjects {
				m, err := s.one(sub, task{Requests: o.requests, Concurrency: r.concurrency, Limit: o.limit})
				if err != nil {
					return nil, err
				}
				row = append(row, m)
			}
			r.rounds = append(r.rounds, row)
		}
	}
	return all, nil
}

// one measures one subject once.
func (s *stage) one(sub *subject, t task) (m measurement, err error) {
	t.Target = sub.target
	before, err := sub.cpu()
	if err != nil {
		return m, err
	}
	got, err := s.load.do(t)
	sub.sent += int64(got.Requests)
	if err != nil {
		return m, fmt.Errorf("%s: %w", sub.name, err)
	}
	if sub.process != nil {
		time.Sleep(settle)
	}
	after, err := sub.cpu()
	n := float64(got.Requests)
	return measurement{
		cpu: micros(after-before) / n, p50: micros(got.P50), p99: micros(got.P99), rate: n / got.Lasted.Seconds(),
	}, err
}

func (sub *subject) cpu() (time.Duration, error) {
	if sub.process == nil {
		return 0, nil
	}
	return sub.process.cpu()
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// load is the child that makes the requests.
type load struct {
	process *process
	in      *json.Encoder
	out     *json.Decoder
}

func startLoad(ctx context.Context, on cores) (*load, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, command{name: loadCommand, args: []string{self, loadCommand}, cores: on})
	if err != nil {
		return nil, err
	}
	p.endsBySignal = true
	return &load{p, json.NewEncoder(p.stdin), json.NewDecoder(p.stdout)}, nil
}

func (l *load) do(t task) (o outcome, err error) {
	if err := errors.Join(l.in.Encode(t), l.out.Decode(&o)); err != nil {
		return o, fmt.Errorf("%s: %w", loadCommand, err)
	}
	if o.Error != "" {
		return o, errors.New(o.Error)
	}
	return o, nil
}
