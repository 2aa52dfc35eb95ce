package db

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"e2etap/internal/traffic"
)

// Rows are some rows of the table request. The zero value stands for all.
type Rows struct {
	where       string // SQL
	after, last int64  // IDs that bound them; 0: not known
}

// Cursor says which requests of a run have been counted. It is for one run from when this is first asked for, and only as long as
// the run's [RunInfo.Revision] stays the same. The zero value has counted nothing.
type Cursor struct {
	Counted int64 // requests, open ones included

	last    int64   // ID; of those before it, all but the ones below are settled
	open    []int64 // may still change
	missing []int64 // were not there, though later ones were: a recorder's IDs are given before its rows are written
}

// Done tells that all requests that were counted have ended.
func (c *Cursor) Done() bool { return len(c.open) == 0 }

// News are requests of a run that a cursor has not counted.
type News struct {
	Settled []Rows    // do not change any more: each is to be counted once
	Open    []Rows    // may change: they are news the next time, too
	Last    time.Time // start of the request that was begun last; zero if none is new
}

// missingWithin is how far back, counted in IDs, rows are looked for that were written after rows with higher IDs.
const missingWithin = 10_000

// News moves a cursor on and returns what is new. It and what reads the news must be in one [Reader.Snapshot]; if that fails, the
// cursor is of no use any more.
func (r *Reader) News(run int64, c *Cursor) (n News, err error) {
	first := c.last
	if err := queryInt(r.conn, `SELECT max(first_request - 1, ?) FROM run WHERE id = ?`, &first, c.last, run); err != nil {
		return n, err
	}
	arrived, err := r.ids(`SELECT id FROM request WHERE id IN (` + list(c.missing) + `)`)
	if err != nil {
		return n, err
	}
	last, a, err := r.after(run, first)
	if err != nil {
		return n, err
	}
	var opened []int64
	if a.open > 0 {
		opened, err = r.ids(fmt.Sprintf(`SELECT id FROM request WHERE id > %d AND id <= %d AND run = %d AND outcome = %d`, first, last, run, traffic.Open))
		if err != nil {
			return n, err
		}
	}
	c.Counted += a.count + int64(len(arrived))
	again := slices.Concat(c.open, arrived)
	c.open, err = r.ids(fmt.Sprintf(`SELECT id FROM request WHERE id IN (%s) AND outcome = %d`, list(again), traffic.Open))
	if err != nil {
		return n, err
	}
	if a.count > 0 {
		settled := rowsf("r.id > %d AND r.id <= %d AND r.outcome <> %d", first, last, traffic.Open)
		settled.after, settled.last = first, last
		n.Settled = append(n.Settled, settled)
	}
	if len(again) > len(c.open) {
		n.Settled = append(n.Settled, rowsf("r.id IN (%s) AND r.outcome <> %d", list(again), traffic.Open))
	}
	if c.open = append(c.open, opened...); len(c.open) > 0 {
		n.Open = append(n.Open, rowsf("r.id IN (%s)", list(c.open)))
	}
	c.missing = slices.DeleteFunc(c.missing, func(id int64) bool { return slices.Contains(arrived, id) || id < last-missingWithin })
	if a.count < last-first {
		err = r.miss(c, max(first, last-missingWithin), last)
	}
	c.last, n.Last = last, a.start
	return n, err
}

// arrival is what there is to say of rows that are new.
type arrival struct {
	count, open int64
	start       time.Time // of the last one's request
}

// after returns the last of a run's rows after one, and what there is to say of them all.
func (r *Reader) after(run, id int64) (last int64, a arrival, err error) {
	// SQLite takes the bare column start_ns from the row that has the maximum
	err = eachRow(r.conn, `SELECT coalesce(max(id), ?), count(*), coalesce(sum(outcome = ?), 0), coalesce(start_ns, 0)
		FROM request WHERE id > ? AND run = ?`, func(row []driver.Value) error {
		last = row[0].(int64)
		a = arrival{row[1].(int64), row[2].(int64), timeOf(row[3].(int64))}
		return nil
	}, id, int64(traffic.Open), id, run)
	return last, a, err
}

// miss notes which IDs after one, up to another, no row has.
func (r *Reader) miss(c *Cursor, after, last int64) error {
	there, err := r.ids(fmt.Sprintf(`SELECT id FROM request WHERE id > %d AND id <= %d ORDER BY id`, after, last))
	for _, id := range there {
		for after++; after < id; after++ {
			c.missing = append(c.missing, after)
		}
	}
	return err
}

func (r *Reader) ids(sql string) (ids []int64, err error) {
	err = eachRow(r.conn, sql, func(row []driver.Value) error {
		ids = append(ids, row[0].(int64))
		return nil
	})
	return ids, err
}

func rowsf(format string, args ...any) Rows { return Rows{where: fmt.Sprintf(format, args...)} }

// and is an SQL condition, with AND, for what more than the bounds is asked of the rows.
func (w Rows) and() string {
	if w.where == "" {
		return ""
	}
	return " AND " + w.where
}

// ofRuns is an SQL condition that keeps a search in the table request from looking at more rows than it must.
func (w Rows) ofRuns(runs []int64) string {
	if w.where == "" {
		return fromFirst(runs)
	}
	return w.where
}
