package db

import (
	"crypto/sha256"
	"database/sql/driver"
	"errors"
	"fmt"
)

// SetOperations records what the run's API server documents, in a form that is the caller's, in the place of what was recorded
// before. When it returns nil, the document survives the death of the process. An empty one stands for none.
func (r *Recorder) SetOperations(document []byte) error {
	return r.append(func(b []byte) []byte { return append(append(b, byte(kindOperations)), document...) })
}

// SetOperations gives a run another document, or none if it is empty.
func (e *Editor) SetOperations(run int64, document []byte) error {
	err := transaction(e.conn, func() error { return storeOperations(e.conn, run, document) })
	if err != nil {
		return fmt.Errorf("write operations to %s: %w", e.path, err)
	}
	return nil
}

// Operations returns the document that SetOperations was given for a run; nil if there is none.
func (r *Reader) Operations(run int64) (document []byte, err error) {
	err = eachRow(r.conn, `SELECT o.document FROM run JOIN openapi o ON o.id = run.openapi WHERE run.id = ?`, func(row []driver.Value) error {
		document = row[0].([]byte)
		return nil
	}, run)
	if err != nil {
		return nil, fmt.Errorf("read operations of %s: %w", r.path, err)
	}
	return document, nil
}

// storeOperations writes a document unless it is there, refers a run to it, and drops what no run refers to. It runs in a
// transaction of the caller's.
func storeOperations(conn driver.Conn, run int64, document []byte) error {
	hash := sha256.Sum256(document)
	if len(document) > 0 {
		if err := executeOnce(conn, `INSERT OR IGNORE INTO openapi (hash, document) VALUES (?, ?)`, hash[:], document); err != nil {
			return err
		}
	}
	return errors.Join(
		executeOnce(conn, `UPDATE run SET openapi = coalesce((SELECT id FROM openapi WHERE hash = ?), 0) WHERE id = ?`, hash[:], run),
		executeOnce(conn, `DELETE FROM openapi WHERE id NOT IN (SELECT openapi FROM run)`),
	)
}

func executeOnce(conn driver.Conn, sql string, args ...driver.Value) error {
	s, err := prepare(conn, sql)
	if err != nil {
		return err
	}
	return errors.Join(s.exec(args...), s.close())
}
