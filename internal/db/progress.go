package db

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Progress is how far a run has come, in numbers that are kept as sums.
type Progress struct {
	Requests, Errors4xx, Errors5xx, Watches int64
	Specs, SpecsEnded                       int64     // executions of tests, and those whose end or outcome is known
	Running                                 []Running // begun and not ended, oldest first, at most a thousand
}

// Running is a spec that has begun and not ended, as far as anything tells.
type Running struct {
	Test, Node string // one of them is ""
	Worker     string
	Start      time.Time
}

// Progress reads how far a run has come. It reads no rows of requests.
func (r *Reader) Progress(run int64) (p Progress, err error) {
	err = r.Snapshot(func() error {
		numbers := func(sql string, to ...*int64) error {
			return eachRow(r.conn, sql, func(row []driver.Value) error {
				for i, n := range to {
					*n = row[i].(int64)
				}
				return nil
			}, run)
		}
		if err := numbers(`SELECT coalesce(sum(requests), 0), coalesce(sum(errors_4xx), 0), coalesce(sum(errors_5xx), 0), coalesce(sum(watches), 0)
			FROM summary WHERE run = ?`, &p.Requests, &p.Errors4xx, &p.Errors5xx, &p.Watches); err != nil {
			return err
		}
		if err := numbers(`SELECT count(*), count(CASE WHEN end_ns IS NOT NULL OR outcome <> 0 THEN 1 END) FROM spec WHERE run = ? AND test <> 0`,
			&p.Specs, &p.SpecsEnded); err != nil {
			return err
		}
		return eachRow(r.conn, `SELECT t.name, s.node, s.worker, s.start_ns FROM spec s LEFT JOIN test t ON t.id = s.test
			WHERE s.run = ? AND s.start_ns IS NOT NULL AND s.end_ns IS NULL AND s.outcome = 0 ORDER BY s.start_ns, s.id LIMIT 1000`, func(row []driver.Value) error {
			test, _ := row[0].(string)
			p.Running = append(p.Running, Running{test, row[1].(string), row[2].(string), timeOf(row[3].(int64))})
			return nil
		}, run)
	})
	if err != nil {
		return Progress{}, fmt.Errorf("read how far %s has come: %w", r.path, err)
	}
	return p, nil
}
