package db

import (
	"errors"
	"fmt"
	"time"

	"e2etap/internal/traffic"
)

// Extent is the time of a run whose requests were added to it.
type Extent struct {
	Start, End  time.Time
	Uncertainty time.Duration // see traffic.Run
}

// Include makes it last from a request's start to its end, at least.
func (x *Extent) Include(q *traffic.Request) {
	if x.Start.IsZero() || q.Start.Before(x.Start) {
		x.Start = q.Start
	}
	if end := q.Start.Add(q.Duration); end.After(x.End) {
		x.End = end
	}
}

// AddRequests adds requests to a run that has ended, and sets its time to what each returns. each calls add for the requests in the
// order of their start, which gives them their IDs. It is all or nothing.
func (e *Editor) AddRequests(run int64, each func(add func(*traffic.Request) error) (Extent, error)) error {
	err := transaction(e.conn, func() error {
		w, err := newWriter(e.conn, run)
		if err != nil {
			return err
		}
		return errors.Join(e.addRequests(w, each), w.close())
	})
	if err != nil {
		return fmt.Errorf("add requests to %s: %w", e.path, err)
	}
	return nil
}

func (e *Editor) addRequests(w *writer, each func(add func(*traffic.Request) error) (Extent, error)) error {
	var last int64 // ID
	if err := queryInt(e.conn, `SELECT coalesce(max(id), 0) FROM request`, &last); err != nil {
		return err
	}
	first := last + 1
	extent, err := each(func(q *traffic.Request) error {
		last++
		q.ID = last
		return w.write(appendRequest(nil, kindRequest, q))
	})
	if err := errors.Join(err, w.flush(), w.summary.flush()); err != nil {
		return err
	}
	if err := e.unjudge(first); err != nil {
		return err
	}
	return execute(e.conn, `UPDATE run SET start_ns = ?, end_ns = ?, uncertainty_ns = ?, revision = revision + 1 WHERE id = ?`,
		nanos(extent.Start), nanos(extent.End), int64(extent.Uncertainty), w.run)
}

// unjudge forgets what other runs were told of requests, from an ID on, while only the audit log had them.
func (e *Editor) unjudge(first int64) error {
	return execute(e.conn, `UPDATE audit SET run = 0, role = 0, test = 0, attribution = 0
		WHERE run <> 0 AND audit_id IN (SELECT audit_id FROM request WHERE id >= ?)`, first)
}
