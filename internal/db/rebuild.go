package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

// RebuildSummary makes the table summary anew from the rows of a recording that nobody is writing.
func RebuildSummary(path string) error {
	e, err := OpenEditor(path)
	if err != nil {
		return err
	}
	err = transaction(e.conn, func() error {
		runs, err := e.SelectRuns(AllRuns)
		if err != nil {
			return err
		}
		return rebuildSummary(e.conn, runs)
	})
	if err != nil {
		err = fmt.Errorf("rebuild summary of %s: %w", path, err)
	}
	return errors.Join(err, e.Close())
}

// rebuildSummary makes the summary of some runs anew, in a transaction of the caller's.
func rebuildSummary(conn *sqlite3.SQLiteConn, runs []int64) error {
	endpoints, err := readEndpoints(conn)
	if err != nil {
		return err
	}
	for _, sql := range []string{
		`DELETE FROM summary WHERE run IN (`, `DELETE FROM summary_parts WHERE run IN (`, `UPDATE run SET totals = NULL WHERE id IN (`,
	} {
		if err := execute(conn, sql+list(runs)+`)`); err != nil {
			return err
		}
	}
	s, err := newSummary(conn)
	if err != nil {
		return err
	}
	err = eachRow(conn, `SELECT r.run, r.test, r.endpoint, r.status, a.source, r.bytes_in, r.bytes_out, r.duration_ns, r.outcome
		FROM request r JOIN attribution a ON a.id = r.attribution WHERE r.run IN (`+list(runs)+`) AND `+fromFirst(runs),
		func(row []driver.Value) error {
			n := func(i int) int64 { return row[i].(int64) }
			v := shareOf(endpoints[n(2)].traits(), traffic.Outcome(n(8)), n(5), n(6), time.Duration(n(7)))
			if err := s.add(summaryKey{n(0), n(1)}, part{n(2), n(3), n(4)}, v); err != nil {
				return err
			}
			if s.parts > summaryCached {
				return s.flush()
			}
			return nil
		})
	return errors.Join(err, s.flush(), s.close())
}

// fromFirst is an SQL condition that keeps a search in the table request from looking at rows before those of some runs.
func fromFirst(runs []int64) string {
	return fmt.Sprintf("r.id >= (SELECT coalesce(min(first_request), 0) FROM run WHERE id IN (%s))", list(runs))
}
