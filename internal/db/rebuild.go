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
func RebuildSummary(path string) (err error) {
	conn, err := openForWriting(path)
	if err != nil {
		return openError(path, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	p, err := openPending(pendingPath(path), true)
	if err != nil {
		return openError(path, err)
	}
	if _, err := recoverPending(conn, p); err != nil {
		return errors.Join(openError(path, err), p.close())
	}
	if err := transaction(conn, func() error { return rebuildSummary(conn) }); err != nil {
		return errors.Join(fmt.Errorf("rebuild summary of %s: %w", path, err), p.close())
	}
	return p.remove()
}

func rebuildSummary(conn *sqlite3.SQLiteConn) error {
	endpoints, err := readEndpoints(conn)
	if err != nil {
		return err
	}
	if err := execute(conn, `DELETE FROM summary; DELETE FROM summary_parts; UPDATE run SET totals = NULL`); err != nil {
		return err
	}
	s, err := newSummary(conn)
	if err != nil {
		return err
	}
	err = eachRow(conn, `SELECT run, test, endpoint, status, bytes_in, bytes_out, duration_ns, outcome FROM request`,
		func(row []driver.Value) error {
			n := func(i int) int64 { return row[i].(int64) }
			v := shareOf(endpoints[n(2)].traits(), traffic.Outcome(n(7)), n(4), n(5), time.Duration(n(6)))
			if err := s.add(summaryKey{n(0), n(1)}, part{n(2), n(3)}, v); err != nil {
				return err
			}
			if s.parts > summaryCached {
				return s.flush()
			}
			return nil
		})
	return errors.Join(err, s.flush(), s.close())
}
