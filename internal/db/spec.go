package db

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"time"

	"e2etap/internal/traffic"
)

// spec is a spec as its record has it.
type spec struct {
	traffic.Spec
	process int64
}

func appendSpec(b []byte, s *traffic.Spec) []byte {
	b = append(b, byte(kindSpec), byte(s.Told), byte(s.Outcome))
	for _, v := range [...]int64{
		s.ID, processID(s.Process), nanos(s.Start), nanos(s.End), int64(s.Duration), int64(s.Attempts), int64(len(s.Phases)), int64(len(s.Labels)),
	} {
		b = binary.AppendVarint(b, v)
	}
	for _, p := range s.Phases {
		b = binary.AppendVarint(append(b, byte(p.Phase)), nanos(p.At))
		b = binary.AppendVarint(b, int64(p.Attempt))
	}
	b = appendStrings(b, s.Labels...)
	return appendStrings(b, s.Test, s.Node, s.Worker, s.Location)
}

func (s *spec) decode(d *decoder) {
	*s = spec{}
	s.Told, s.Outcome = traffic.Told(d.byte()), traffic.SpecOutcome(d.byte())
	s.ID, s.process, s.Start, s.End = d.int(), d.int(), timeOf(d.int()), timeOf(d.int())
	s.Duration, s.Attempts = time.Duration(d.int()), int(d.int())
	phases, labels := d.int(), d.int()
	for ; phases > 0 && !d.failed; phases-- {
		p := traffic.PhaseStart{Phase: traffic.Phase(d.byte()), At: timeOf(d.int())}
		p.Attempt = int(d.int())
		s.Phases = append(s.Phases, p)
	}
	for ; labels > 0 && !d.failed; labels-- {
		s.Labels = append(s.Labels, d.string())
	}
	s.Test, s.Node, s.Worker, s.Location = d.string(), d.string(), d.string(), d.string()
}

// told writes a spec in place of what was known of it.
func (w *writer) told(s *traffic.Spec, process int64) error {
	var err error
	test := w.tests.ref([]byte(s.Test), &err).arg
	if err != nil {
		return err
	}
	var duration driver.Value
	if s.Duration > 0 {
		duration = int64(s.Duration)
	}
	if err := w.spec.exec(s.ID, w.run, test, s.Node, int64(s.Told), s.Worker, process, timeOrNull(s.Start), timeOrNull(s.End), duration,
		int64(s.Outcome), int64(s.Attempts), jsonArray(s.Labels), s.Location); err != nil {
		return err
	}
	if err := w.dropPhases.exec(s.ID); err != nil {
		return err
	}
	for _, p := range s.Phases {
		if err := w.phase.exec(s.ID, nanos(p.At), int64(p.Phase), int64(p.Attempt)); err != nil {
			return err
		}
	}
	return nil
}

// readSpecs returns the specs of a run, in order of ID.
func readSpecs(conn driver.Conn, run int64, processes map[int64]*traffic.Process) ([]*traffic.Spec, error) {
	var all []*traffic.Spec
	byID := map[int64]*traffic.Spec{}
	err := eachRow(conn, `SELECT s.id, t.name, node, told, worker, process, coalesce(start_ns, 0), coalesce(end_ns, 0),
		coalesce(duration_ns, 0), outcome, attempts, labels, location FROM spec s JOIN test t ON t.id = s.test WHERE run = ? ORDER BY s.id`,
		func(row []driver.Value) error {
			n := func(i int) int64 { return row[i].(int64) }
			t := func(i int) string { return row[i].(string) }
			s := &traffic.Spec{
				ID: n(0), Test: t(1), Node: t(2), Told: traffic.Told(n(3)), Worker: t(4), Process: processes[n(5)],
				Start: timeOf(n(6)), End: timeOf(n(7)), Duration: time.Duration(n(8)), Outcome: traffic.SpecOutcome(n(9)),
				Attempts: int(n(10)), Location: t(12),
			}
			all, byID[s.ID] = append(all, s), s
			return json.Unmarshal([]byte(t(11)), &s.Labels)
		}, run)
	if err != nil {
		return nil, err
	}
	return all, eachRow(conn, `SELECT spec, at_ns, phase, attempt FROM spec_phase WHERE spec IN (SELECT id FROM spec WHERE run = ?)
		ORDER BY spec, at_ns, attempt, phase`, func(row []driver.Value) error {
		n := func(i int) int64 { return row[i].(int64) }
		s := byID[n(0)]
		s.Phases = append(s.Phases, traffic.PhaseStart{At: timeOf(n(1)), Phase: traffic.Phase(n(2)), Attempt: int(n(3))})
		return nil
	}, run)
}
