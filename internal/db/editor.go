package db

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

// Editor changes what is derived in a recording that nobody records into: attributions, imported specs, and
// imported audit logs. While it is open, it is the only one.
type Editor struct {
	Reader
	pending *pendingFile
}

// OpenEditor opens a recording for changes, and completes it first if its recorder died. It fails while another process
// records into it.
func OpenEditor(path string) (*Editor, error) {
	if err := exists(path); err != nil {
		return nil, err
	}
	conn, err := openForWriting(path)
	if err != nil {
		return nil, openError(path, err)
	}
	p, err := openPending(pendingPath(path), true)
	if err != nil {
		return nil, errors.Join(openError(path, err), conn.Close())
	}
	e := &Editor{Reader{path: path, conn: conn}, p}
	if err = modernize(conn); err == nil {
		e.recovery.Records, err = recoverPending(conn, p)
	}
	if err != nil {
		return nil, errors.Join(openError(path, err), conn.Close(), p.close())
	}
	return e, nil
}

// Close releases the recording.
func (e *Editor) Close() error {
	leaveWAL(e.conn, leaveWALWait)
	return errors.Join(e.conn.Close(), e.pending.remove())
}

// ReplaceSpecs takes specs out of a run, by their IDs, and puts others in, which get new IDs. It is all or nothing.
func (e *Editor) ReplaceSpecs(run int64, out []int64, in []traffic.Spec) error {
	err := transaction(e.conn, func() error {
		w, err := newWriter(e.conn, run)
		if err != nil {
			return err
		}
		return errors.Join(w.replaceSpecs(out, in), w.close())
	})
	if err != nil {
		return fmt.Errorf("write specs to %s: %w", e.path, err)
	}
	return nil
}

func (w *writer) replaceSpecs(out []int64, in []traffic.Spec) (err error) {
	var last int64
	if err := queryInt(w.conn, `SELECT coalesce(max(id), 0) FROM spec`, &last); err != nil {
		return err
	}
	drop := w.statement(`DELETE FROM spec WHERE id = ?`, &err)
	for _, id := range out {
		if err == nil {
			err = errors.Join(drop.exec(id), w.dropPhases.exec(id))
		}
	}
	for i := range in {
		if err == nil {
			in[i].ID = last + int64(i) + 1
			err = w.told(&in[i], processID(in[i].Process))
		}
	}
	return errors.Join(err, w.flush())
}

// flush writes rows that wait for more of their kind.
func (w *writer) flush() error {
	for _, b := range w.bulks {
		if err := b.flush(); err != nil {
			return err
		}
	}
	return nil
}

// Retag asks for the attribution of every request of a run and stores those that are new. It returns how many changed, and
// is all or nothing.
func (e *Editor) Retag(run int64, attribute func(*Evidence) traffic.Attribution) (changed int, err error) {
	err = transaction(e.conn, func() error {
		w, err := newWriter(e.conn, run)
		if err != nil {
			return err
		}
		changed, err = e.retag(w, attribute)
		if err == nil && changed > 0 {
			err = errors.Join(revise(e.conn, run), rebuildSummary(e.conn, []int64{run}))
		}
		return errors.Join(err, w.close())
	})
	if err != nil {
		return 0, fmt.Errorf("attribute requests of %s: %w", e.path, err)
	}
	return changed, nil
}

// revise tells whoever counted a run's requests that they have changed.
func revise(conn *sqlite3.SQLiteConn, run int64) error {
	return execute(conn, `UPDATE run SET revision = revision + 1 WHERE id = ?`, run)
}

func (e *Editor) retag(w *writer, attribute func(*Evidence) traffic.Attribution) (changed int, err error) {
	update := w.statement(`UPDATE request SET test = ?, attribution = ? WHERE id = ?`, &err)
	if err != nil {
		return 0, err
	}
	changes := newChanges[traffic.Attribution]()
	err = e.EachRequest(w.run, func(v *Evidence) error {
		if a := attribute(v); a != v.Request.Attribution {
			changes.add(v.Request.ID, a)
		}
		return nil
	})
	ids := make([][2]driver.Value, len(changes.different))
	for i, a := range changes.different {
		ids[i] = [2]driver.Value{w.tests.ref([]byte(a.Test), &err).arg, w.attributions.ref(attribution(a).append(nil), &err).arg}
	}
	for i := 0; i < len(changes.ids) && err == nil; i++ {
		to := ids[changes.to[i]]
		err = update.exec(to[0], to[1], changes.ids[i])
	}
	return len(changes.ids), errors.Join(err, w.flush())
}
