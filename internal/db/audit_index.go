package db

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// The first import into a recording goes without the index on audit IDs, which is made at its end: IDs are random, so that every
// batch of rows would write the whole index anew. If the import is killed, who opens the recording next makes the index.
const (
	auditIndex     = `CREATE UNIQUE INDEX audit_request ON audit (audit_id)` // as in 0003_audit.sql
	dropAuditIndex = `DROP INDEX audit_request`
)

// restoreAuditIndex makes the index, if it is missing, in a transaction of the caller's. Of requests that are there several times it
// makes one each, and counts what became of the others.
func restoreAuditIndex(conn *sqlite3.SQLiteConn) (united AuditImport, err error) {
	var there int64
	err = queryInt(conn, `SELECT count(*) FROM sqlite_schema WHERE name = 'audit_request'`, &there)
	if err != nil || there > 0 {
		return united, err
	}
	err = execute(conn, auditIndex)
	if sqliteCode(err) == sqlite3.ErrConstraint {
		u := auditUniter{conn: conn}
		if err = u.run(); err == nil {
			err = execute(conn, auditIndex)
		}
		united = u.done
	}
	if err != nil {
		return united, fmt.Errorf("index the audit log: %w", err)
	}
	return united, nil
}

// auditUniter makes one row of all that have the same audit ID, in the order in which they were added.
type auditUniter struct {
	conn         *sqlite3.SQLiteConn
	change, drop *statement
	first        []driver.Value // of the rows with one ID, with what the ones after it told
	changed      bool
	done         AuditImport
}

func (u *auditUniter) run() (err error) {
	if u.change, err = prepare(u.conn, changeAudit); err != nil {
		return err
	}
	if u.drop, err = prepare(u.conn, `DELETE FROM audit WHERE id = ?`); err == nil {
		// The order makes SQLite find all rows before it returns the first.
		err = eachRow(u.conn, `SELECT * FROM audit WHERE audit_id IN (SELECT audit_id FROM audit GROUP BY audit_id HAVING count(*) > 1)
			ORDER BY audit_id, id`, u.add)
	}
	return errors.Join(err, u.store(), u.change.close(), u.drop.close())
}

func (u *auditUniter) add(row []driver.Value) error {
	if u.first == nil || auditText(u.first[auditAuditID]) != auditText(row[auditAuditID]) {
		err := u.store()
		u.first = append([]driver.Value(nil), row...)
		return err
	}
	if knowsStages(u.first, row[auditStages].(int64)) {
		u.done.Known++
	} else {
		u.done.Completed++
		u.first, u.changed = mergeAudit(u.first, row), true
	}
	return u.drop.exec(row[auditRowID])
}

// store stores the row that others were united with.
func (u *auditUniter) store() error {
	if !u.changed {
		return nil
	}
	u.changed = false
	return u.change.exec(u.first...)
}
