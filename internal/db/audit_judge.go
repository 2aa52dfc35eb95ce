package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"e2etap/internal/traffic"
)

// Judgement is what a request that only the audit log has, has to do with the tests of a run.
type Judgement struct {
	Role traffic.Role
	traffic.Attribution
}

// JudgeAudit asks for a judgement of every request that the audit log has of a span of a run's time and no run has recorded, in the
// order in which they were received, and stores it in the place of earlier ones; none if judge returns false. What was done for a test
// of another run stays that run's. Times are the API server's. It is all or nothing.
func (e *Editor) JudgeAudit(run int64, from, to time.Time, judge func(*traffic.Audit) (Judgement, bool)) error {
	err := transaction(e.conn, func() error {
		w, err := newWriter(e.conn, run)
		if err != nil {
			return err
		}
		return errors.Join(e.judge(w, from, to, judge), w.close())
	})
	if err != nil {
		return fmt.Errorf("attribute the audit log in %s: %w", e.path, err)
	}
	return nil
}

func (e *Editor) judge(w *writer, from, to time.Time, judge func(*traffic.Audit) (Judgement, bool)) error {
	forget, err := prepare(e.conn, `UPDATE audit SET run = 0, role = 0, test = 0, attribution = 0 WHERE run = ?`)
	if err != nil {
		return err
	}
	if err := errors.Join(forget.exec(w.run), forget.close()); err != nil {
		return err
	}
	others := map[int64]bool{}
	err = eachRow(e.conn, `SELECT id FROM audit WHERE run <> 0 AND role IN (?, ?)`, func(row []driver.Value) error {
		others[row[0].(int64)] = true
		return nil
	}, int64(traffic.RoleTest), int64(traffic.RoleBehalf))
	store := w.statement(`UPDATE audit SET run = ?, role = ?, test = ?, attribution = ? WHERE id = ?`, &err)
	all := newChanges[Judgement]()
	err = errors.Join(err, e.eachUnrecorded(from, to, func(id int64, a *traffic.Audit) error {
		if others[id] {
			return nil
		}
		if j, ok := judge(a); ok {
			all.add(id, j)
		}
		return nil
	}))
	test, how := make([]driver.Value, len(all.different)), make([]driver.Value, len(all.different))
	for i, j := range all.different {
		test[i] = w.tests.ref([]byte(j.Test), &err).arg
		how[i] = w.attributions.ref(attribution(j.Attribution).append(nil), &err).arg
	}
	for i := 0; i < len(all.ids) && err == nil; i++ {
		to := all.to[i]
		err = store.exec(w.run, int64(all.different[to].Role), test[to], how[to], all.ids[i])
	}
	return errors.Join(err, w.flush())
}

// AuditSkew is how far the API server's clock is ahead of a recorded run's, the way of a request included: the median. known is
// false if no request of the run is in the audit log.
func (r *Reader) AuditSkew(run int64) (skew time.Duration, known bool, err error) {
	var apart []int64
	err = eachRow(r.conn, `SELECT a.received_ns - r.start_ns FROM request r JOIN audit a ON a.audit_id = r.audit_id
		WHERE r.run = ? AND `+fromFirst([]int64{run})+` AND a.received_ns > 0 ORDER BY 1`, func(row []driver.Value) error {
		apart = append(apart, row[0].(int64))
		return nil
	}, run)
	if err != nil || len(apart) == 0 {
		return 0, false, err
	}
	return time.Duration(apart[len(apart)/2]), true, nil
}
