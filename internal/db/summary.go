package db

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"slices"
	"time"

	"e2etap/internal/traffic"
)

// summaryKey is a row of the table summary.
type summaryKey struct{ run, test, endpoint, status int64 }

// sums is what the table keeps for one key.
type sums struct {
	requests, bytesIn, bytesOut int64
	duration, longest           time.Duration
	durations                   histogram

	dirty bool // not written yet
}

// share is what one request adds to its key's sums.
type share struct {
	bytesIn, bytesOut int64
	duration          time.Duration
	timed             bool // the duration counts
}

// shareOf decides what of a request is summed: see the comment at the table summary.
func shareOf(outcome traffic.Outcome, longRunning bool, bytesIn, bytesOut int64, duration time.Duration) share {
	over := outcome != traffic.Open && outcome != traffic.Unfinished
	return share{bytesIn, bytesOut, duration, over && !longRunning}
}

func (s *sums) add(p share) {
	s.requests++
	s.bytesIn += p.bytesIn
	s.bytesOut += p.bytesOut
	if p.timed {
		s.duration += p.duration
		s.longest = max(s.longest, p.duration)
		s.durations.add(p.duration)
	}
}

// remove takes back what add did with the share of an open request, which has no duration.
func (s *sums) remove(p share) {
	s.requests--
	s.bytesIn -= p.bytesIn
	s.bytesOut -= p.bytesOut
}

// summary is the writer's view of the table: the keys touched lately. It never holds what the table could not be made to
// hold by flush, and is thrown away when a transaction fails.
type summary struct {
	touched map[summaryKey]*sums
	dirty   []summaryKey

	load, store, drop *statement
	scratch           []byte
}

// summaryCached bounds the keys in memory.
const summaryCached = 1 << 14

func newSummary(conn driver.Conn) (*summary, error) {
	s := &summary{touched: map[summaryKey]*sums{}, scratch: make([]byte, 0, 256)}
	var err error
	for sql, to := range map[string]**statement{loadSummarySQL: &s.load, storeSummarySQL: &s.store, dropSummarySQL: &s.drop} {
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
	return errors.Join(s.load.close(), s.store.close(), s.drop.close())
}

// at returns the sums of a key, to be changed.
func (s *summary) at(k summaryKey) (*sums, error) {
	v, ok := s.touched[k]
	if !ok {
		v = &sums{}
		if err := s.read(k, v); err != nil {
			return nil, err
		}
		s.touched[k] = v
	}
	if !v.dirty {
		v.dirty = true
		s.dirty = append(s.dirty, k)
	}
	return v, nil
}

func (s *summary) read(k summaryKey, v *sums) error {
	row := make([]driver.Value, 6)
	found, err := s.load.queryRow(row, k.run, k.test, k.endpoint, k.status)
	if err != nil || !found {
		return err
	}
	v.requests, v.bytesIn, v.bytesOut = row[0].(int64), row[1].(int64), row[2].(int64)
	v.duration, v.longest = time.Duration(row[3].(int64)), time.Duration(row[4].(int64))
	return eachBucket(row[5].([]byte), v.durations.addCount)
}

// flush writes the changed sums, in the order of the table.
func (s *summary) flush() error {
	slices.SortFunc(s.dirty, func(a, b summaryKey) int {
		return cmp.Or(cmp.Compare(a.run, b.run), cmp.Compare(a.test, b.test),
			cmp.Compare(a.endpoint, b.endpoint), cmp.Compare(a.status, b.status))
	})
	for _, k := range s.dirty {
		v := s.touched[k]
		v.dirty = false
		if err := s.write(k, v); err != nil {
			return err
		}
	}
	s.dirty = s.dirty[:0]
	if len(s.touched) > summaryCached {
		clear(s.touched)
	}
	return nil
}

func (s *summary) write(k summaryKey, v *sums) error {
	if v.requests == 0 {
		delete(s.touched, k)
		return s.drop.exec(k.run, k.test, k.endpoint, k.status)
	}
	s.scratch = v.durations.append(s.scratch[:0])
	return s.store.exec(k.run, k.test, k.endpoint, k.status,
		v.requests, v.bytesIn, v.bytesOut, int64(v.duration), int64(v.longest), s.scratch)
}

const (
	loadSummarySQL = `SELECT requests, bytes_in, bytes_out, duration_ns, max_ns, durations FROM summary
		WHERE run = ? AND test = ? AND endpoint = ? AND status = ?`
	storeSummarySQL = `REPLACE INTO summary VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	dropSummarySQL  = `DELETE FROM summary WHERE run = ? AND test = ? AND endpoint = ? AND status = ?`
)
