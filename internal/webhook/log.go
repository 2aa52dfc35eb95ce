package webhook

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// Log is a file to which whole lines are appended. One process at a time has it.
type Log struct {
	mu   sync.Mutex
	file *os.File
	torn bool // it ends in the middle of a line

	// write is file.Write; tests put faults in its place.
	write func([]byte) (int, error)
}

// OpenLog opens a log, or makes it, for its owner only. It fails if another process has it. Close it.
func OpenLog(path string) (*Log, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	l := &Log{file: file, write: file.Write}
	if l.torn, err = prepare(file); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), file.Close())
	}
	return l, nil
}

// prepare locks the file, a lock that ends with the process, and tells whether it ends in the middle of a line.
func prepare(file *os.File) (torn bool, err error) {
	info, err := file.Stat()
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, errors.New("want a regular file")
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, errors.New("another process is writing to it")
	}
	if err != nil || info.Size() == 0 {
		return false, err
	}
	var last [1]byte
	_, err = file.ReadAt(last[:], info.Size()-1)
	return last[0] != '\n', err
}

// Append appends whole lines with one write(2), after which they survive the death of the process. After an error the log has none of
// them.
func (l *Log) Append(lines []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	info, err := l.file.Stat() // somebody else may have truncated it
	if err != nil {
		return err
	}
	if l.torn && info.Size() > 0 {
		lines = append([]byte("\n"), lines...)
	}
	n, err := l.write(lines)
	if err == nil && n < len(lines) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return l.takeBack(info.Size(), n, err)
	}
	l.torn = false
	return nil
}

// takeBack removes what a write has left that failed. If that fails, too, the next line begins on a line of its own.
func (l *Log) takeBack(size int64, n int, err error) error {
	if n <= 0 {
		return err
	}
	if truncateErr := l.file.Truncate(size); truncateErr != nil {
		l.torn = true
		return errors.Join(err, truncateErr)
	}
	return err
}

// Close closes the file.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}
