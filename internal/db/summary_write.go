package db

import (
	"errors"

	"e2etap/internal/traffic"
)

// flush writes what has changed.
func (s *summary) flush() error {
	for _, k := range s.dirty {
		t := s.touched[k]
		t.dirty = false
		if err := s.write(k, t); err != nil {
			return err
		}
	}
	s.dirty = s.dirty[:0]
	if err := s.flushTotals(); err != nil {
		return err
	}
	if s.parts > summaryCached {
		clear(s.touched)
		clear(s.runs)
		s.parts = 0
	}
	return nil
}

func (s *summary) write(k summaryKey, t *testSums) error {
	for p, v := range t.parts {
		if v.requests == 0 { // a started request whose status came later
			delete(t.parts, p)
			s.parts--
		}
	}
	if len(t.parts) == 0 {
		return errors.Join(s.drop.exec(k.run, k.test), s.dropParts.exec(k.run, k.test))
	}
	order := inOrder(t.parts)
	all, errors4xx, errors5xx, from := s.total(t.parts)
	endpoints, err := s.endpoints.count(order)
	if err != nil {
		return err
	}
	shown := Group{Max: all.longest}
	shown.percentiles(&s.tally)
	if err := s.store.exec(k.run, k.test, all.requests, errors4xx, errors5xx, all.watches, all.bytesIn, all.bytesOut,
		int64(all.duration), int64(all.longest), endpoints, shown.Timed, int64(shown.P50), int64(shown.P99),
		from[1], from[2], from[3], from[4], from[5], from[6], from[7], from[8], from[9]); err != nil {
		return err
	}
	s.scratch = appendParts(s.scratch[:0], t.parts, order)
	return s.storeParts.exec(k.run, k.test, s.scratch)
}

// total sums parts up, with the durations in s.tally.
func (s *summary) total(parts map[part]*sums) (all sums, errors4xx, errors5xx int64, from [traffic.SourceCount]int64) {
	s.tally.reset()
	for p, v := range parts {
		all.requests += v.requests
		all.watches += v.watches
		from[p.source] += v.requests
		all.bytesIn += v.bytesIn
		all.bytesOut += v.bytesOut
		all.duration += v.duration
		all.longest = max(all.longest, v.longest)
		switch p.errorClass() {
		case 4:
			errors4xx += v.requests
		case 5:
			errors5xx += v.requests
		}
		for _, b := range v.durations {
			s.tally.add(b.index, b.count)
		}
	}
	return all, errors4xx, errors5xx, from
}

const (
	storeSummarySQL = `REPLACE INTO summary VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	storePartsSQL   = `INSERT INTO summary_parts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET parts = excluded.parts`
	dropSummarySQL  = `DELETE FROM summary WHERE run = ? AND test = ?`
	dropPartsSQL    = `DELETE FROM summary_parts WHERE run = ? AND test = ?`
)
