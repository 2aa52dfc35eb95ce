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

	scratch   []byte
	tally     tally
	endpoints *endpointCounter
}

// summaryCached bounds the parts in memory, which take some 500 bytes each.
const summaryCached = 1 << 14

func newSummary(conn driver.Conn) (*summary, error) {
	s := &summary{touched: map[summaryKey]*testSums{}, runs: map[int64]*runTotals{}, scratch: make([]byte, 0, 4096)}
	var err error
	s.endpoints, err = newEndpointCounter(conn)
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
		s.loadTotals.close(), s.storeTotals.close(), s.endpoints.close())
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

const loadPartsSQL = `SELECT parts FROM summary_parts WHERE run = ? AND test = ?`
