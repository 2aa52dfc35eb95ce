package db

import (
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 5 * time.Second

	leaveWALWait = 2 * time.Second
)

// apply runs the applier until stop. While SQLite fails, it tries again after growing pauses.
func (r *Recorder) apply() {
	defer close(r.stopped)
	pause := applyEvery
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-timer.C:
		}
		if err := r.applier.pass(); err != nil {
			r.shout(r.applyError(err))
			pause = min(2*pause, retryMost)
		} else {
			pause = applyEvery
		}
		timer.Reset(pause)
	}
}

// applyError says that rows could not go into the database yet, and where they are.
func (r *Recorder) applyError(err error) error {
	_, end := r.pending.state()
	return fmt.Errorf("write recording %s: %w\nhint: nothing is lost, %d bytes wait in %s and go into the recording once it can be written, "+
		"at the latest when \"report\" or \"proxy\" opens it next", r.path, err, end-r.applier.at.offset, r.pending.f.Name())
}

// Close ends the run: it applies what is pending, for some seconds against errors, and leaves the recording as one plain file.
// No other method may be called after it has been called. It returns the first error; if it could not apply all, the rest stays
// in the pending file, for the next one who opens the recording.
func (r *Recorder) Close(end traffic.RunEnd) error {
	r.closing.Do(func() { r.closed = r.close(end) })
	return r.closed
}

func (r *Recorder) close(end traffic.RunEnd) error {
	lost := r.Lost()
	endErr := r.append(func(b []byte) []byte { return appendEnd(b, end, lost) })
	close(r.stop)
	<-r.stopped
	conn := r.applier.conn
	if err := r.finish(); err != nil {
		return errors.Join(endErr, r.applyError(err), r.applier.close(), conn.Close(), r.pending.close())
	}
	err := errors.Join(endErr, r.applier.close())
	leaveWAL(conn, leaveWALWait)
	return errors.Join(err, conn.Close(), r.pending.remove())
}

// finish applies the rest, for closeWait against errors.
func (r *Recorder) finish() error {
	deadline := time.Now().Add(r.closeWait)
	for pause := retryFirst; ; pause = min(2*pause, retryMost) {
		err := r.applier.pass()
		if err == nil {
			err = markUnfinished(r.applier.conn, r.applier.run)
		}
		if err == nil || time.Now().Add(pause).After(deadline) {
			return err
		}
		time.Sleep(pause)
	}
}

// leaveWAL makes the recording a single file that stays one when it is read, and can be read in a read-only folder. It is not possible while somebody
// reads; if that lasts, the write-ahead log stays beside the file, which is valid all the same.
func leaveWAL(conn *sqlite3.SQLiteConn, wait time.Duration) {
	deadline := time.Now().Add(wait)
	for execute(conn, `PRAGMA journal_mode = DELETE`) != nil && time.Now().Before(deadline) {
		time.Sleep(retryFirst)
	}
}
