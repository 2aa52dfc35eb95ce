package db

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// openError says what could not be opened, why, and what to do about it.
func openError(path string, err error) error {
	if hint := hintFor(err); hint != "" {
		return fmt.Errorf("open recording %s: %w\nhint: %s", path, err, hint)
	}
	return fmt.Errorf("open recording %s: %w", path, err)
}

func hintFor(err error) string {
	switch code := sqliteCode(err); {
	case errors.Is(err, ErrInUse):
		return "wait for it to end, or pass another file with --db"
	case code == sqlite3.ErrNotADB:
		return "pass a file that \"proxy run\" wrote, or the name of a new one"
	case code == sqlite3.ErrBusy, code == sqlite3.ErrLocked:
		return "another program, perhaps a sqlite3 shell, holds a lock on it: end its transaction, or pass another file with --db"
	case code == sqlite3.ErrFull, errnoOf(err) == syscall.ENOSPC:
		return "the disk is full: make room, or pass a file on another disk with --db"
	case code == sqlite3.ErrCorrupt:
		return "the file is damaged: try \"sqlite3 FILE .recover\", and pass another file with --db"
	case errors.Is(err, fs.ErrNotExist):
		return "check the name, and make its folder first if it is to be a new recording"
	case code == sqlite3.ErrReadonly, code == sqlite3.ErrCantOpen, code == sqlite3.ErrPerm,
		errors.Is(err, fs.ErrPermission), errnoOf(err) == syscall.EROFS:
		return "a recording needs a folder and a file that can be written: pass another one with --db"
	}
	return ""
}

// sqliteCode is SQLite's code for an error; 0 if it is not one of SQLite's.
func sqliteCode(err error) sqlite3.ErrNo {
	var e sqlite3.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// errnoOf is the system's code for an error, SQLite's included; 0 if there is none.
func errnoOf(err error) syscall.Errno {
	var e sqlite3.Error
	if errors.As(err, &e) {
		return e.SystemErrno
	}
	var errno syscall.Errno
	errors.As(err, &errno)
	return errno
}

// kindOf names the kind of an error, leaving out what differs from one request to the next.
func kindOf(err error) string {
	if code := sqliteCode(err); code != 0 {
		return code.Error()
	}
	if errno := errnoOf(err); errno != 0 {
		return errno.Error()
	}
	return err.Error()
}
