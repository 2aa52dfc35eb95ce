package db

import (
	"database/sql/driver"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// splitEndpoints gives all rows of a recording from before schema version 5 the endpoints that new rows like them would have.
func splitEndpoints(conn *sqlite3.SQLiteConn) error {
	w, err := newWriter(conn, 0)
	if err != nil {
		return err
	}
	err = errors.Join(w.splitEndpoints(conn, "request", requestPathSQL, (*endpoint).ask),
		w.splitEndpoints(conn, "audit", `t.path`, (*endpoint).askAudited), w.close())
	if err != nil {
		return err
	}
	return execute(conn, `DELETE FROM endpoint WHERE id NOT IN (SELECT endpoint FROM request UNION SELECT endpoint FROM audit)`)
}

// requestPathSQL is the path's ID where the endpoint depends on the path, which differs from request to request.
const requestPathSQL = `(CASE WHEN t.endpoint IN (SELECT id FROM endpoint WHERE resource = '' OR subresource = 'proxy') THEN t.path ELSE 0 END)`

// splitEndpoints does so for a table, in which pathSQL is the ID of what ask wants as the path. The temporary table asked has what is
// different about rows.
func (w *writer) splitEndpoints(conn *sqlite3.SQLiteConn, table, pathSQL string, ask func(e *endpoint, namespace, name bool, path string)) error {
	if err := execute(conn, `CREATE TEMP TABLE asked (endpoint, namespace, name, path, becomes, PRIMARY KEY (endpoint, namespace, name, path)) WITHOUT ROWID`); err != nil {
		return err
	}
	key := `t.endpoint, t.namespace <> 0, t.name <> 0, ` + pathSQL
	if err := execute(conn, `INSERT INTO asked SELECT DISTINCT `+key+`, t.endpoint FROM `+table+` t`); err != nil {
		return err
	}
	if err := w.answerAsked(conn, ask); err != nil {
		return err
	}
	err := execute(conn, `UPDATE `+table+` AS t SET endpoint = (SELECT becomes FROM asked a
		WHERE (a.endpoint, a.namespace, a.name, a.path) = (`+key+`)) WHERE endpoint IN (SELECT endpoint FROM asked WHERE becomes <> endpoint)`)
	return errors.Join(err, execute(conn, `DROP TABLE asked`))
}

// answerAsked fills in what endpoints in the table asked become, and stores those.
func (w *writer) answerAsked(conn *sqlite3.SQLiteConn, ask func(e *endpoint, namespace, name bool, path string)) error {
	old, err := readEndpoints(conn)
	if err != nil {
		return err
	}
	answer, err := prepare(conn, `UPDATE asked SET becomes = ? WHERE endpoint = ? AND namespace = ? AND name = ? AND path = ?`)
	if err != nil {
		return err
	}
	err = eachRow(conn, `SELECT a.endpoint, a.namespace, a.name, a.path, string.value FROM asked a LEFT JOIN string ON string.id = a.path`,
		func(row []driver.Value) (err error) {
			e := old[row[0].(int64)].endpoint
			path, _ := row[4].(string)
			ask(&e, row[1] != int64(0), row[2] != int64(0), path)
			becomes := w.endpoints.ref(e.append(nil), &err).arg
			if err != nil {
				return err
			}
			return answer.exec(becomes, row[0], row[1], row[2], row[3])
		})
	return errors.Join(err, answer.close())
}
