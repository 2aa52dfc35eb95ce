package view

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Load reads all of a run but its requests, and reads no rows of requests for that. Chunks are the places of tests' requests by
// name; nil if there are none.
func Load(r *db.Reader, info db.RunInfo, endpoints *Index, chunks map[string][]int) (*Model, error) {
	m := &Model{Run: runOf(info)}
	if err := m.load(r, info, endpoints); err != nil {
		return nil, fmt.Errorf("view of run %q: %w", info.Name, err)
	}
	if err := m.judge(r, info, endpoints); err != nil {
		return nil, fmt.Errorf("operations of run %q: %w", info.Name, err)
	}
	for i := range m.Tests {
		m.Tests[i].Chunks = chunks[m.Tests[i].Name]
	}
	return m, nil
}

func (m *Model) load(r *db.Reader, info db.RunInfo, endpoints *Index) error {
	filter := db.Filter{Runs: []int64{info.ID}}
	groups, total, err := r.Summarize([]db.Dimension{db.Test}, filter)
	if err != nil {
		return err
	}
	m.Total = sumsOf(&total)
	numbers := map[string]int{}
	add := func(name string, sums Sums) {
		numbers[name] = len(m.Tests)
		m.Tests = append(m.Tests, Test{Name: name, Sums: sums})
	}
	for i := range groups {
		add(groups[i].Keys[0], sumsOf(&groups[i]))
	}
	_, specs, err := r.Known(info.ID)
	if err != nil {
		return err
	}
	slices.SortStableFunc(specs, byStart)
	for _, s := range specs {
		if _, known := numbers[s.Test]; !known && s.Test != "" {
			add(s.Test, Sums{Sources: map[string]int64{}})
		}
		m.Specs = append(m.Specs, specOf(info.Start, s))
	}
	return m.count(r, filter, endpoints, numbers)
}

// count fills Uses, in which a recording's sources count together.
func (m *Model) count(r *db.Reader, filter db.Filter, endpoints *Index, numbers map[string]int) error {
	type use struct{ test, endpoint, status int }
	var order []use
	counts := map[use]int64{}
	err := r.ByEndpoint(filter, func(test string, e db.Endpoint, _, status, requests int64) error {
		number, known := numbers[test]
		if !known { // it came after the sums were read
			return nil
		}
		u := use{number, endpoints.number(e), int(status)}
		if counts[u] == 0 {
			order = append(order, u)
		}
		counts[u] += requests
		return nil
	})
	slices.SortStableFunc(order, func(a, b use) int { return cmp.Compare(a.test, b.test) })
	for _, u := range order {
		m.Uses.Test = append(m.Uses.Test, u.test)
		m.Uses.Endpoint = append(m.Uses.Endpoint, u.endpoint)
		m.Uses.Status = append(m.Uses.Status, u.status)
		m.Uses.Requests = append(m.Uses.Requests, counts[u])
	}
	m.Endpoints = endpoints.all
	return err
}

func runOf(info db.RunInfo) Run {
	run := Run{
		Name: info.Name, Start: info.Start.Format(time.RFC3339Nano), Requests: info.Requests, Tests: info.Tests, Specs: info.Specs,
		Server: info.Server, ServerVersion: info.ServerVersion, Context: info.Context, ToolVersion: info.ToolVersion, Command: info.Command,
		Uncertainty: millis(info.Uncertainty), Duration: since(info.Start, info.End),
	}
	if !info.End.IsZero() {
		end := info.End.Format(time.RFC3339Nano)
		run.End, run.ExitCode, run.Lost = &end, &info.ExitCode, &info.Lost
	}
	return run
}

func sumsOf(g *db.Group) Sums {
	s := Sums{
		Requests: g.Requests, Errors4xx: g.Errors4xx, Errors5xx: g.Errors5xx, Watches: g.Watches, Endpoints: g.Endpoints,
		BytesIn: g.BytesIn, BytesOut: g.BytesOut, Sources: map[string]int64{},
	}
	if g.Timed > 0 {
		p50, p99, longest := millis(g.P50), millis(g.P99), millis(g.Max)
		s.P50, s.P99, s.Max = &p50, &p99, &longest
	}
	for i, n := range g.Sources {
		if n > 0 {
			s.Sources[traffic.Source(i).String()] = n
		}
	}
	return s
}

func specOf(start time.Time, s *traffic.Spec) Spec {
	spec := Spec{
		Test: s.Test, Node: s.Node, Outcome: s.Outcome.String(), Worker: s.Worker, Start: since(start, s.Start), End: since(start, s.End),
		Attempts: s.Attempts, Labels: s.Labels, Location: s.Location, Told: s.Told.String(),
	}
	switch d := s.Duration; {
	case d > 0:
		ms := millis(d)
		spec.Duration = &ms
	case !s.Start.IsZero() && !s.End.IsZero():
		ms := millis(s.End.Sub(s.Start))
		spec.Duration = &ms
	}
	for _, p := range s.Phases {
		spec.Phases = append(spec.Phases, PhaseAt{millis(p.At.Sub(start)), p.Phase.String(), p.Attempt})
	}
	return spec
}

// byStart orders specs by their start; those without one are last.
func byStart(a, b *traffic.Spec) int {
	if a.Start.IsZero() != b.Start.IsZero() {
		return b.Start.Compare(a.Start)
	}
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
}
