package db

import (
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

// applier moves records from the pending file into SQLite. It belongs to one goroutine.
type applier struct {
	conn    *sqlite3.SQLiteConn
	pending *pendingFile
	run     int64
	at      position // all before it has been applied
	writer  *writer  // nil at first and after a failure
	chunk   chunk
}

const (
	// applyEvery is how old a row can be before a reader sees it. A longer time means larger batches, which cost less: a
	// test's requests fall on few rows of the summary, each of which is written once a batch.
	applyEvery = 500 * time.Millisecond

	// restartAt is the size from which the pending file is emptied once it has all been applied.
	restartAt = 8 << 20

	// restartTries bounds how often a pass tries to find no record pending under steady load.
	restartTries = 50
)

// pass applies all that was pending when it was called, and empties the pending file if it has grown.
func (a *applier) pass() error {
	end := a.end()
	if err := a.applyUntil(end); err != nil {
		return err
	}
	for i := 0; end > restartAt && i < restartTries; i++ {
		if err := a.pending.restart(a.at.offset); err != nil {
			return err
		}
		end = a.end()
		if err := a.applyUntil(end); err != nil {
			return err
		}
	}
	return nil
}

// end is where the pending file ends now. If that is a new generation, all of the old one has been applied.
func (a *applier) end() int64 {
	generation, end := a.pending.state()
	if generation != a.at.generation {
		a.at = position{generation, pendingStart}
	}
	return end
}

func (a *applier) applyUntil(end int64) error {
	for a.at.offset < end {
		n, err := a.batch(end)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("pending file %s is damaged at byte %d", a.pending.f.Name(), a.at.offset)
		}
	}
	return nil
}

// recover applies every whole record there is; where they stop, the dead recorder stopped.
func (a *applier) recover() (records int, err error) {
	for a.at.offset < a.pending.end {
		n, err := a.batch(a.pending.end)
		if records += n; err != nil || n == 0 {
			return records, errors.Join(err, a.close())
		}
	}
	return records, a.close()
}

// batch applies one batch and returns how many records it had.
func (a *applier) batch(end int64) (int, error) {
	next, err := a.pending.read(&a.chunk, a.at.generation, a.at.offset, end, batchRows)
	if err != nil || len(a.chunk.bodies) == 0 {
		return 0, err
	}
	if a.writer == nil {
		if a.writer, err = newWriter(a.conn, a.run); err != nil {
			return 0, err
		}
	}
	to := position{a.at.generation, next}
	if err := a.writer.apply(a.chunk.bodies, to); err != nil {
		rollback(a.conn)
		return 0, errors.Join(err, a.close())
	}
	a.at = to
	return len(a.chunk.bodies), nil
}

func (a *applier) close() error {
	if a.writer == nil {
		return nil
	}
	w := a.writer
	a.writer = nil
	return w.close()
}
