package db

import (
	"errors"
	"fmt"
	"slices"
)

// Sum is what [Reader.Summarize] returns, added up step by step.
type Sum struct {
	by     []Dimension
	byIDs  map[factIDs]*group // so that keys are made once for each combination of IDs
	byKeys map[string]*group

	programs, commands *alias
}

// NewSum returns one of no requests.
func NewSum(by ...Dimension) *Sum {
	return &Sum{by, map[factIDs]*group{}, map[string]*group{}, newAlias(), newAlias()}
}

func (s *Sum) grouping(r *Reader) *grouping {
	g := &grouping{by: s.by, reader: r, byIDs: s.byIDs, byKeys: s.byKeys, programs: s.programs, commandsOf: s.commands}
	for _, d := range s.by {
		g.use(d)
	}
	return g
}

// Clone returns a copy, to which requests can be added without changing what the sum says. Nobody may add to both at the same time.
func (s *Sum) Clone() *Sum {
	to := &Sum{s.by, make(map[factIDs]*group, len(s.byIDs)), make(map[string]*group, len(s.byKeys)), s.programs, s.commands}
	copies := make(map[*group]*group, len(s.byKeys))
	for keys, k := range s.byKeys {
		c := *k
		c.endpoints, c.durations = slices.Clone(k.endpoints), slices.Clone(k.durations)
		copies[k], to.byKeys[keys] = &c, &c
	}
	for ids, k := range s.byIDs {
		to.byIDs[ids] = copies[k]
	}
	return to
}

// Groups returns the groups in the order of [Reader.Summarize].
func (s *Sum) Groups(r *Reader) ([]Group, error) {
	ends, err := readEndpoints(r.conn)
	if err != nil {
		return nil, fmt.Errorf("summarize %s: %w", r.path, err)
	}
	g := grouping{by: s.by, endpoints: ends, byKeys: s.byKeys}
	groups, _, err := g.results()
	return groups, err
}

// AddTo adds the rows of the requests that a filter chooses to a sum.
func (r *Reader) AddTo(s *Sum, f Filter) error {
	g := s.grouping(r)
	err := r.Snapshot(func() error {
		c, err := g.begin(f)
		if err != nil {
			return err
		}
		return errors.Join(g.addRows(&c), g.close())
	})
	if err != nil {
		return fmt.Errorf("summarize %s: %w", r.path, err)
	}
	return nil
}
