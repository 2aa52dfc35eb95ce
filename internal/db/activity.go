package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// Activity is what a test, or what has none, did in a part of a run's time.
type Activity struct {
	Test                           string // "" for requests without one
	Part                           int64  // of equal ones, the first is 0; less if requests started before
	Requests, Errors4xx, Errors5xx int64
	First, Last                    time.Time // the first and the last start of a request
}

// activityRows is how many rows SQLite sorts at a time: it takes twice as long for many at once.
const activityRows = 1 << 14

// EachActivity cuts the time of some rows of a run, from a time on, into parts of some width, and calls do for each test and part that have
// requests which started in it, until one call fails. Those of a test and part may come in
// several calls.
func (r *Reader) EachActivity(run int64, rows Rows, from time.Time, width time.Duration, do func(Activity) error) error {
	err := r.Snapshot(func() error {
		tests, err := r.tests([]int64{run})
		if err != nil {
			return err
		}
		after, last, err := r.bounds(run, rows)
		if err != nil {
			return err
		}
		each, err := prepare(r.conn, `SELECT r.test, (r.start_ns - ?) / ?, count(*), sum(r.status BETWEEN 400 AND 499),
			sum(r.status BETWEEN 500 AND 599), min(r.start_ns), max(r.start_ns)
			FROM request r WHERE r.id > ? AND r.id <= ? AND r.run = ?`+rows.and()+` GROUP BY 1, 2`)
		if err != nil {
			return err
		}
		step := int64(activityRows)
		if rows.where != "" && rows.last == 0 { // a list of IDs
			step = last - after
		}
		for ; after < last && err == nil; after += step {
			err = each.each(func(row []driver.Value) error {
				n := func(i int) int64 { return row[i].(int64) }
				return do(Activity{tests[n(0)], n(1), n(2), n(3), n(4), timeOf(n(5)), timeOf(n(6))})
			}, nanos(from), int64(max(width, 1)), after, min(after+step, last), run)
		}
		return errors.Join(err, each.close())
	})
	if err != nil {
		return fmt.Errorf("read the times of requests of %s: %w", r.path, err)
	}
	return nil
}

// bounds are the ID before those of some rows, and one that none is above.
func (r *Reader) bounds(run int64, rows Rows) (after, last int64, err error) {
	if rows.last > 0 {
		return rows.after, rows.last, nil
	}
	err = errors.Join(
		queryInt(r.conn, `SELECT first_request - 1 FROM run WHERE id = ?`, &after, run),
		queryInt(r.conn, `SELECT coalesce(max(id), 0) FROM request`, &last))
	return after, last, err
}
