package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/mattn/go-sqlite3"
)

// eachRow calls do with every row of a query's result, until one call fails. The slice is the same every time.
func eachRow(conn driver.Conn, sql string, do func([]driver.Value) error, args ...driver.Value) error {
	s, err := prepare(conn, sql)
	if err != nil {
		return err
	}
	return errors.Join(s.each(do, args...), s.close())
}

func (s *statement) each(do func([]driver.Value) error, args ...driver.Value) error {
	for i, a := range args {
		s.args[i].Value = a
	}
	rows, err := s.stmt.QueryContext(context.Background(), s.args)
	if err != nil {
		return err
	}
	row := make([]driver.Value, len(rows.Columns()))
	for err == nil {
		if err = rows.Next(row); err == nil {
			err = do(row)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// queryInt asks for one number; to keeps its value if there is no row.
func queryInt(conn driver.Conn, sql string, to *int64, args ...driver.Value) error {
	return eachRow(conn, sql, func(row []driver.Value) error {
		*to, _ = row[0].(int64)
		return nil
	}, args...)
}

func execute(conn *sqlite3.SQLiteConn, sql string, args ...driver.Value) error {
	_, err := conn.Exec(sql, args)
	return err
}

// transaction runs do and commits, or rolls back if it fails.
func transaction(conn *sqlite3.SQLiteConn, do func() error) error {
	if err := execute(conn, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = execute(conn, `COMMIT`)
	}
	if err != nil {
		rollback(conn)
	}
	return err
}

// rollback ends a failed transaction. SQLite has ended it already after some errors, and then says so, which is no news.
func rollback(conn *sqlite3.SQLiteConn) { _ = execute(conn, `ROLLBACK`) }
