package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
)

// program opens a database as another program would.
func program(t testing.TB, path string) *sqlite3.SQLiteConn {
	t.Helper()
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn(path, "rwc"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*sqlite3.SQLiteConn)
}

func sqlExec(t testing.TB, conn *sqlite3.SQLiteConn, sql string) {
	t.Helper()
	if err := execute(conn, sql); err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatAreNoRecordingsAreRefusedAndKept(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	writeFile(t, file("text"), []byte(strings.Repeat("not a database ", 100)))
	sqlExec(t, program(t, file("foreign")), `CREATE TABLE t (x)`)
	sqlExec(t, program(t, file("other")), `PRAGMA application_id = 77; CREATE TABLE t (x)`)
	closeRecorder(t, createFor(t, file("newer")))
	sqlExec(t, program(t, file("newer")), `PRAGMA user_version = 99`)
	if err := os.Mkdir(file("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"text":           "file is not a database\nhint: pass a file that \"proxy run\" wrote",
		"foreign":        "application_id 0x0, want 0x65326574\nhint: this is another program's database",
		"other":          "application_id 0x4d, want 0x65326574\nhint: this is another program's database",
		"newer":          fmt.Sprintf("schema version 99, this program knows %d\nhint: a newer version wrote it", len(migrations)),
		"missing/e2e.db": "no such file or directory\nhint: ",
		"folder":         "is a directory",
	} {
		before, _ := os.ReadFile(file(name))
		_, err := Create(file(name), testRun(""), Options{})
		if err == nil || !strings.HasPrefix(err.Error(), "open recording") || !strings.Contains(err.Error(), want) {
			t.Errorf("create %s: %v\nwant %s", name, err, want)
		}
		if name != "folder" {
			_, err = OpenReader(file(name))
			if err == nil || !strings.HasPrefix(err.Error(), "open recording") || !strings.Contains(err.Error(), want) {
				t.Errorf("read %s: %v\nwant %s", name, err, want)
			}
		}
		if after, _ := os.ReadFile(file(name)); string(after) != string(before) {
			t.Errorf("%s has changed", name)
		}
		if _, err := os.Stat(pendingPath(file(name))); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s-pending: %v, want that there is none", name, err)
		}
	}
}

func TestTwoRecordersKeepApart(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	_, err := Create(path, testRun(""), Options{})
	if want := "another process is recording into it\nhint: wait for it to end, or pass another file with --db"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("second recorder: %v\nwant %s", err, want)
	}
	finish(t, r, some(5)...)
	closeRecorder(t, r)
	if got := ask(t, path, `SELECT count(*) FROM requests`)[0]; got != "5" {
		t.Errorf("%s requests, want 5", got)
	}
}

func TestALockedFileIsRefusedAtTheStart(t *testing.T) {
	path := dbPath(t)
	closeRecorder(t, createFor(t, path))
	other := program(t, path)
	sqlExec(t, other, `BEGIN EXCLUSIVE`)
	_, err := Create(path, testRun(""), Options{})
	if want := "database is locked\nhint: another program, perhaps a sqlite3 shell, holds a lock"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("create: %v\nwant %s", err, want)
	}
	sqlExec(t, other, `ROLLBACK`)
}

// TestALockDuringTheRunLosesNothing: another program holds the write lock for longer than SQLite waits.
func TestALockDuringTheRunLosesNothing(t *testing.T) {
	path := dbPath(t)
	var shouts atomic.Int64
	r, err := Create(path, testRun(""), Options{OnError: func(error) { shouts.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	other := program(t, path)
	sqlExec(t, other, `BEGIN IMMEDIATE`)
	finish(t, r, some(400)...)
	waitFor(t, func() string { return fmt.Sprint(shouts.Load()) }, "1")
	finish(t, r, some(400)...)
	sqlExec(t, other, `ROLLBACK`)
	waitFor(t, func() string { return ask(t, path, `SELECT count(*) FROM requests`)[0] }, "800")
	closeRecorder(t, r)
	if r.Lost() != 0 || shouts.Load() != 1 {
		t.Errorf("lost %d, %d shouts; want none lost, one shout", r.Lost(), shouts.Load())
	}
}

// TestALockThatOutlivesTheRunLosesNothing: Close gives up, the next one who opens the recording completes it.
func TestALockThatOutlivesTheRunLosesNothing(t *testing.T) {
	path := dbPath(t)
	r, err := Create(path, testRun(""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.closeWait = 100 * time.Millisecond
	other := program(t, path)
	sqlExec(t, other, `BEGIN IMMEDIATE`)
	finish(t, r, some(100)...)
	err = r.Close(testEnd)
	if err == nil || !strings.Contains(err.Error(), "database is locked\nhint: nothing is lost, ") {
		t.Errorf("close: %v, want that it says where the rows are", err)
	}
	if again := r.Close(testEnd); again == nil || again.Error() != err.Error() {
		t.Errorf("second close: %v, want the same", again)
	}
	sqlExec(t, other, `ROLLBACK`)
	if got := ask(t, path, `SELECT count(*), (SELECT exit_code FROM runs) FROM requests`)[0]; got != "100|1" {
		t.Errorf("got %s, want 100 requests and exit code 1", got)
	}
}

// TestAFailedMigrationLeavesTheOldVersion: all steps are one transaction with the version in it.
func TestAFailedMigrationLeavesTheOldVersion(t *testing.T) {
	path := dbPath(t)
	conn := program(t, path)
	steps := []string{recordingSQL, `CREATE TABLE more (x); INSERT INTO more VALUES (1)`, `CREATE TABLE third (x); SELECT nonsense`}
	migrateTo := func(steps ...string) error { return transaction(conn, func() error { return migrate(conn, steps) }) }
	if err := migrateTo(steps[:1]...); err != nil {
		t.Fatal(err)
	}
	err := migrateTo(steps...)
	if err == nil || !strings.Contains(err.Error(), "migrate to schema version 3") {
		t.Errorf("migrate: %v, want a failure of step 3", err)
	}
	var version, third int64
	if err := errors.Join(
		queryInt(conn, `PRAGMA user_version`, &version),
		queryInt(conn, `SELECT count(*) FROM sqlite_schema WHERE name = 'third'`, &third),
	); err != nil || version != 1 || third != 0 {
		t.Errorf("version %d, third table %d, %v; want 1, 0", version, third, err)
	}
	for range 2 {
		if err := migrateTo(steps[0], steps[1], `CREATE TABLE third (x)`); err != nil {
			t.Error(err)
		}
	}
	var more int64
	if err := queryInt(conn, `SELECT count(*) FROM more`, &more); err != nil || more != 1 {
		t.Errorf("%d rows of step 2, %v; want 1: it must not run again", more, err)
	}
}

func TestReadersSeeARecordingGrow(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	for i := 1; i <= 3; i++ {
		finish(t, r, some(100)...)
		waitFor(t, func() string {
			return ask(t, path, `SELECT count(*), (SELECT sum(requests) FROM tests) FROM requests`)[0]
		}, fmt.Sprintf("%d|%d", i*100, i*100))
	}
	closeRecorder(t, r)
}
