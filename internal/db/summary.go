package db

import (
	"database/sql/driver"
	"errors"
)

// summaryKey is a row of the table summary.
type summaryKey struct{ run, test int64 }

// testSums is such a row in memory.
type testSums struct {
	parts map[part]*sums
	dirty bool // not written yet
}

// summary is the writer's view of the table: the tests touched lately. It is thrown away when a transaction fails, so that it
// never runs ahead of the file.
type summary struct {
	touched map[summaryKey]*testSums
	dirty   []summaryKey
	parts   int // in touched
	runs    map[int64]*runTotals

	load, store, storeParts, drop, dropParts, loadTotals, storeTotals *statement

	scratch []byte
	tally   tally
}

// summaryCached bounds the parts in memory, which take some 500 bytes each.
const summaryCached = 1 << 14

func newSummary(conn driver.Conn) (*summary, error) {
	s := &summary{touched: map[summaryKey]*testSums{}, runs: map[int64]*runTotals{}, scratch: make([]byte, 0, 4096)}
	var err error
	for sql, to := range map[string]**statement{
		loadPartsSQL: &s.load, storeSummarySQL: &s.store, storePartsSQL: &s.storeParts,
		dropSummarySQL: &s.drop, dropPartsSQL: &s.dropParts, loadTotalsSQL: &s.loadTotals, storeTotalsSQL: &s.storeTotals,
	} {
		if err == nil {
			*to, err = prepare(conn, sql)
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *summary) close() error {
	return errors.Join(s.load.close(), s.store.close(), s.storeParts.close(), s.drop.close(), s.dropParts.close(),
		s.loadTotals.close(), s.storeTotals.close())
}

// add counts a request.
func (s *summary) add(k summaryKey, p part, v share) error {
	sums, err := s.at(k, p)
	if err != nil {
		return err
	}
	totals, err := s.totalsOf(k.run)
	if err != nil {
		return err
	}
	sums.add(v)
	totals.add(p, v)
	return nil
}

// remove takes back what add did with the share of an open request, which has no duration and will be added again for the
// same endpoint.
func (s *summary) remove(k summaryKey, p part, v share) error {
	sums, err := s.at(k, p)
	if err == nil {
		sums.count(v, -1)
	}
	return err
}

// at returns the sums of a part of a test, to be changed.
func (s *summary) at(k summaryKey, p part) (*sums, error) {
	t, ok := s.touched[k]
	if !ok {
		var err error
		if t, err = s.read(k); err != nil {
			return nil, err
		}
		s.touched[k] = t
		s.parts += len(t.parts)
	}
	if !t.dirty {
		t.dirty = true
		s.dirty = append(s.dirty, k)
	}
	v := t.parts[p]
	if v == nil {
		v = &sums{}
		t.parts[p] = v
		s.parts++
	}
	return v, nil
}

func (s *summary) read(k summaryKey) (*testSums, error) {
	t := &testSums{parts: map[part]*sums{}}
	row := make([]driver.Value, 1)
	found, err := s.load.queryRow(row, k.run, k.test)
	if err != nil || !found {
		return t, err
	}
	return t, eachPart(row[0].([]byte), func(p part, v *sums, durations []byte) error {
		kept := *v
		t.parts[p] = &kept
		return eachBucket(durations, kept.durations.addCount)
	})
}

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
	all, errors4xx, errors5xx := s.total(t.parts)
	shown := Group{Max: all.longest}
	shown.percentiles(&s.tally)
	if err := s.store.exec(k.run, k.test, all.requests, errors4xx, errors5xx, all.watches, all.bytesIn, all.bytesOut,
		int64(all.duration), int64(all.longest), endpointsIn(order), shown.Timed, int64(shown.P50), int64(shown.P99)); err != nil {
		return err
	}
	s.scratch = appendParts(s.scratch[:0], t.parts, order)
	return s.storeParts.exec(k.run, k.test, s.scratch)
}

// total sums parts up, with the durations in s.tally.
func (s *summary) total(parts map[part]*sums) (all sums, errors4xx, errors5xx int64) {
	s.tally.reset()
	for p, v := range parts {
		all.requests += v.requests
		all.watches += v.watches
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
	return all, errors4xx, errors5xx
}

const (
	loadPartsSQL    = `SELECT parts FROM summary_parts WHERE run = ? AND test = ?`
	storeSummarySQL = `REPLACE INTO summary VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	storePartsSQL   = `INSERT INTO summary_parts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET parts = excluded.parts`
	dropSummarySQL  = `DELETE FROM summary WHERE run = ? AND test = ?`
	dropPartsSQL    = `DELETE FROM summary_parts WHERE run = ? AND test = ?`
)
