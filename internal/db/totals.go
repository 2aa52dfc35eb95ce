package db

import (
	"database/sql/driver"
	"encoding/binary"
)

// runTotals is what cannot be summed up from the numbers of a run's tests.
type runTotals struct {
	endpoints bitset // IDs
	durations tally
	dirty     bool // not written yet
}

func (t *runTotals) add(p part, s share) {
	t.dirty = true
	t.endpoints.add(int(p.endpoint))
	if s.timed {
		t.durations.add(bucketOf(int64(s.duration)), 1)
	}
}

// append encodes the endpoints (how many, and each one's distance from the one before), and the durations.
func (t *runTotals) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(t.endpoints.count()))
	last := 0
	t.endpoints.each(func(endpoint int) {
		b = binary.AppendUvarint(b, uint64(endpoint-last))
		last = endpoint
	})
	return t.durations.append(b)
}

// read adds what append encoded.
func (t *runTotals) read(b []byte) error {
	left, n := uvarint(b)
	if n <= 0 {
		return errParts
	}
	b = b[n:]
	endpoint := uint64(0)
	for ; left > 0; left-- {
		distance, n := uvarint(b)
		if endpoint += distance; n <= 0 || distance > maxEndpoint || endpoint > maxEndpoint {
			return errParts
		}
		b = b[n:]
		t.endpoints.add(int(endpoint))
	}
	return eachBucket(b, t.durations.add)
}

// maxEndpoint is above the ID of any endpoint that a recording can come to have.
const maxEndpoint = 1 << 26

// totalsOf returns the totals of a run, to be changed.
func (s *summary) totalsOf(run int64) (*runTotals, error) {
	if t := s.runs[run]; t != nil {
		return t, nil
	}
	t := &runTotals{}
	row := make([]driver.Value, 1)
	found, err := s.loadTotals.queryRow(row, run)
	if b, ok := row[0].([]byte); err == nil && found && ok {
		err = t.read(b)
	}
	s.runs[run] = t
	return t, err
}

func (s *summary) flushTotals() error {
	for run, t := range s.runs {
		if !t.dirty {
			continue
		}
		t.dirty = false
		s.scratch = t.append(s.scratch[:0])
		if err := s.storeTotals.exec(s.scratch, run); err != nil {
			return err
		}
	}
	return nil
}

const (
	loadTotalsSQL  = `SELECT totals FROM run WHERE id = ?`
	storeTotalsSQL = `UPDATE run SET totals = ? WHERE id = ?`
)
