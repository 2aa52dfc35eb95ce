//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// stage is what a run measures with: a folder of its own, and the programs that there are.
type stage struct {
	ctx      context.Context
	dir      string // readable by all, since PostgreSQL is not run as root
	stderr   io.Writer
	subjects []*subject
	skipped  []string
}

// subject is a program to measure. run imports a log of so many events into something new, checks that all of them are in there, and
// says what it took.
type subject struct {
	name, note string
	run        func(log string, events int) (usage, error)
}

func newStage(ctx context.Context, o options, stderr io.Writer) (*stage, error) {
	dir, err := os.MkdirTemp("", "auditimport-")
	if err != nil {
		return nil, err
	}
	s := &stage{ctx: ctx, dir: dir, stderr: stderr}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	for _, b := range o.builds {
		sub, err := s.ours(b)
		if err != nil {
			return nil, err
		}
		s.subjects = append(s.subjects, sub)
	}
	for _, other := range []struct {
		name string
		get  func() (*subject, error)
	}{{"DuckDB", s.duckDB}, {"PostgreSQL", s.postgreSQL}, {"jq", s.jq}} {
		if o.skip[other.name] {
			s.skipped = append(s.skipped, other.name+": skipped")
			continue
		}
		sub, err := other.get()
		if err != nil {
			s.skipped = append(s.skipped, fmt.Sprintf("%s: left out, it is not there: %.200v", other.name, err))
			continue
		}
		s.subjects = append(s.subjects, sub)
	}
	return s, nil
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

func (s *stage) say(format string, args ...any) {
	fmt.Fprintf(s.stderr, "auditimport: "+format+"\n", args...)
}

// measure measures everything, round after round.
func (s *stage) measure(o options) (*results, error) {
	r := &results{subjects: s.subjects, skipped: s.skipped}
	log := s.path("audit.log")
	s.say("write a log of %v", o.size)
	events, err := writeLog(log, int64(o.size))
	if err != nil {
		return nil, err
	}
	r.events = events
	if r.shapes, err = shapes(log, o.real); err != nil {
		return nil, err
	}
	for i := range o.rounds {
		var round []usage
		for _, sub := range s.subjects {
			u, err := sub.run(log, events)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", sub.name, err)
			}
			s.say("round %d: %s: %v", i+1, sub.name, u)
			round = append(round, u)
		}
		r.rounds = append(r.rounds, round)
	}
	if err := os.Remove(log); err != nil || o.set == 0 {
		return r, err
	}
	return r, s.measureSet(o, r)
}

// measureSet imports a folder with a rotated log.
func (s *stage) measureSet(o options, r *results) error {
	s.say("write a rotated log of %v", o.set)
	events, disk, err := writeSet(s.path("logs"), int64(o.set))
	if err != nil {
		return err
	}
	r.setEvents, r.setDisk = events, disk
	for _, sub := range s.subjects[:len(o.builds)] {
		u, err := sub.run(s.path("logs"), events)
		if err != nil {
			return fmt.Errorf("%s: %w", sub.name, err)
		}
		s.say("rotated log: %s: %v", sub.name, u)
		r.set = append(r.set, u)
	}
	return nil
}
