package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// statement is a prepared statement used without database/sql, whose layer costs as much as the insert of a row.
//
// It runs everything as a query: mattn/go-sqlite3 then does reset, all binds and the first step in one call into C, where
// its Exec makes a call for each argument. A statement that changes data does so in that first step.
type statement struct {
	stmt driver.StmtQueryContext
	args []driver.NamedValue
	none []driver.Value
}

func prepare(c driver.Conn, sql string) (*statement, error) {
	s, err := c.Prepare(sql)
	if err != nil {
		return nil, fmt.Errorf("prepare %.40s…: %w", sql, err)
	}
	args := make([]driver.NamedValue, s.NumInput())
	for i := range args {
		args[i].Ordinal = i + 1
	}
	return &statement{stmt: s.(driver.StmtQueryContext), args: args}, nil
}

func (s *statement) exec(args ...driver.Value) error {
	_, err := s.queryRow(s.none, args...)
	return err
}

// queryRow fills row with the first row of the result and tells whether there was one.
func (s *statement) queryRow(row []driver.Value, args ...driver.Value) (found bool, err error) {
	for i, a := range args {
		s.args[i].Value = a
	}
	rows, err := s.stmt.QueryContext(context.Background(), s.args)
	if err != nil {
		return false, err
	}
	err = rows.Next(row)
	if errors.Is(err, io.EOF) {
		return false, rows.Close()
	}
	return err == nil, errors.Join(err, rows.Close())
}

// close is for a nil statement too.
func (s *statement) close() error {
	if s == nil {
		return nil
	}
	return s.stmt.(driver.Stmt).Close()
}
