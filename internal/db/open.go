package db

import (
	"errors"
	"fmt"
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

// writerParams suit a connection that one goroutine at a time uses. A commit need not reach the disk's platters to survive the
// death of the process. The cache (16 MiB) holds the pages that are written again and again.
var writerParams = []string{"_synchronous=NORMAL", "_mutex=no", "_cache_size=-16384"}

// openForWriting opens an existing file, or one that was made empty for the purpose, once it is sure that it is a recording
// or empty; no other file is changed in any way.
func openForWriting(path string) (*sqlite3.SQLiteConn, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn(path, "rw", writerParams...))
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
