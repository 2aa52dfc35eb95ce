package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// dsn is the data source name for a file, with pragmas that every connection is to have.
func dsn(path, mode string, params ...string) string {
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	file.RawQuery = strings.Join(append(params, "mode="+mode, "_busy_timeout=2000"), "&")
	return file.String()
}

// openForWriting opens an existing file, or one that was made empty for the purpose, once it is sure that it is a recording
// or empty; no other file is changed in any way.
func openForWriting(path string) (*sqlite3.SQLiteConn, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn(path, "rw", "_synchronous=NORMAL"))
	if err != nil {
		return nil, err
	}
	conn := c.(*sqlite3.SQLiteConn)
	if err := check(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// makeFile makes an empty file that only its owner can read, unless there is one, and tells whether it did.
func makeFile(path string) (made bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		f, err = os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return false, err
		}
		return false, f.Close()
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

// check refuses what is not a recording of this version or an older one.
func check(conn *sqlite3.SQLiteConn) error {
	var id, version, tables int64
	err := errors.Join(
		queryInt(conn, `PRAGMA application_id`, &id),
		queryInt(conn, `PRAGMA user_version`, &version),
		queryInt(conn, `SELECT count(*) FROM sqlite_schema`, &tables),
	)
	switch {
	case err != nil:
		return err
	case id == 0 && tables == 0:
		return nil // a new file
	case id != applicationID:
		return fmt.Errorf("application_id %#x, want %#x\nhint: this is another program's database: pass a file that \"proxy run\" wrote",
			id, applicationID)
	case version > int64(len(migrations)):
		return fmt.Errorf("schema version %d, this program knows %d\nhint: a newer version wrote it: use that one or a newer one",
			version, len(migrations))
	}
	return nil
}

// queryInt asks for one number.
func queryInt(conn *sqlite3.SQLiteConn, sql string, to *int64, args ...driver.Value) error {
	row := make([]driver.Value, 1)
	found, err := queryOne(conn, row, sql, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	if found {
		*to, _ = row[0].(int64)
	}
	return nil
}

func queryOne(conn *sqlite3.SQLiteConn, row []driver.Value, sql string, args ...driver.Value) (found bool, err error) {
	rows, err := conn.Query(sql, args)
	if err != nil {
		return false, err
	}
	err = rows.Next(row)
	if errors.Is(err, io.EOF) {
		return false, rows.Close()
	}
	return err == nil, errors.Join(err, rows.Close())
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
