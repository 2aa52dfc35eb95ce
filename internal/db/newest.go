package db

import (
	"database/sql/driver"
	"fmt"
	"time"

	"e2etap/internal/traffic"
)

// NewestQuery asks for what a run has got since it was asked last.
type NewestQuery struct {
	// Filter chooses among the rows that are looked at, by all but Source. Its Runs is the one run.
	Filter
	After int64 // the Last of the answer before; 0: only the newest
	Look  int64 // how many of the newest rows are looked at, at most
	Limit int64 // how many of the chosen ones are returned, the newest; 0: none, and none are looked at
	// Open are IDs from earlier answers of requests that had not ended.
	Open []int64
}

// Newest is what a run has got.
type Newest struct {
	Rows []Recent // newest first
	// Last is where the next question goes on. Rows are numbered when they are recorded and may be seen in another order, so a number that
	// is missing near the end holds Last back, and rows behind it come again.
	Last    int64
	Seen    int64    // rows since After; with an After of 0, those that were looked at
	Skipped int64    // of these, chosen ones beyond Limit, and those that were not looked at
	Ended   []Recent // of the Open ones
}

// Recent is a request with what tells people which one it is.
type Recent struct {
	ID                           int64
	Start                        time.Time
	Duration                     time.Duration // 0 while it is open
	Method, Verb, Group, Version string
	Resource, Subresource        string
	Namespace, Name, Path        string // Path as it was sent, escaped, without its query
	Query                        traffic.Query
	Status                       int // 0: no answer
	Outcome                      traffic.Outcome
	Error, Test                  string
	Source                       traffic.Source
	Why                          traffic.Why
	Phase                        traffic.Phase
	Client, KubectlCommand       string // see [traffic.Program]; the header Kubectl-Command
	Connection                   int64
}

// Newest reads the newest rows of a run by their numbers. It looks at no row that it was told of before, and at few columns of those
// that are not returned.
func (r *Reader) Newest(q NewestQuery) (n Newest, err error) {
	err = r.Snapshot(func() error {
		n, err = r.newest(q)
		return err
	})
	if err != nil {
		return Newest{}, fmt.Errorf("read the newest requests of %s: %w", r.path, err)
	}
	return n, nil
}

func (r *Reader) newest(q NewestQuery) (n Newest, err error) {
	first, last, err := r.rowsOf(q.Runs[0])
	if err != nil {
		return n, err
	}
	after := max(q.After, first-1)
	n.Seen = max(last-after, 0)
	low := max(after, last-q.Look)
	if q.After <= 0 {
		n.Seen = last - low
	}
	if n.Last, err = r.settled(low, last); err == nil && n.Seen > 0 && q.Limit > 0 {
		err = r.newestRows(q, &n, low, last)
	}
	if err == nil && len(q.Open) > 0 {
		n.Ended, err = r.recent(fmt.Sprintf("r.id IN (%s) AND r.run = %d AND r.outcome <> %d ORDER BY r.id DESC", list(q.Open), q.Runs[0], traffic.Open))
	}
	return n, err
}

// newestRows looks at the rows with numbers above low, up to last.
func (r *Reader) newestRows(q NewestQuery, n *Newest, low, last int64) error {
	where, args, err := r.newestCondition(q.Filter)
	if err != nil {
		return err
	}
	where = fmt.Sprintf("r.id > %d AND r.id <= %d AND %s", low, last, where)
	var chosen int64
	if err := queryInt(r.conn, `SELECT count(*) FROM request r WHERE `+where, &chosen, args...); err != nil {
		return err
	}
	if n.Rows, err = r.recent(where+fmt.Sprintf(" ORDER BY r.id DESC LIMIT %d", q.Limit), args...); err != nil {
		return err
	}
	n.Skipped = chosen - int64(len(n.Rows))
	if q.After > 0 {
		n.Skipped += n.Seen - (last - low)
	}
	return nil
}

// newestCondition is a filter's on the table request alone.
func (r *Reader) newestCondition(f Filter) (string, []driver.Value, error) {
	var ends map[int64]endpointInfo
	if f.Verb != "" || f.Resource != "" {
		var err error
		if ends, err = readEndpoints(r.conn); err != nil {
			return "", nil, err
		}
	}
	c, err := r.condition(f, ends)
	if err != nil {
		return "", nil, err
	}
	where, args := c.onAudit()
	return where, args, nil
}

// rowsOf returns the number of a run's first row, and of its last, or one less than the first.
func (r *Reader) rowsOf(run int64) (first, last int64, err error) {
	var next int64
	err = eachRow(r.conn, `SELECT first_request, coalesce((SELECT min(first_request) FROM run WHERE id > r.id), 0) FROM run r WHERE id = ?`,
		func(row []driver.Value) error {
			first, next = row[0].(int64), row[1].(int64)
			return nil
		}, run)
	if err != nil {
		return 0, 0, err
	}
	if next > 0 {
		err = queryInt(r.conn, `SELECT coalesce(max(id), 0) FROM request WHERE id < ?`, &last, next)
	} else {
		err = queryInt(r.conn, `SELECT coalesce(max(id), 0) FROM request`, &last)
	}
	return first, max(last, first-1), err
}

// unsettled is how many numbers before the last may be missing because their rows are on their way: a recorder gives a number before it
// appends the row, for as many requests at once as run beside each other at that place.
const unsettled = 32

// settled returns the last number before one of the newest that is missing.
func (r *Reader) settled(low, last int64) (int64, error) {
	low = max(low, last-unsettled)
	settled := low
	err := eachRow(r.conn, `SELECT id FROM request WHERE id > ? AND id <= ? ORDER BY id`, func(row []driver.Value) error {
		if id := row[0].(int64); id == settled+1 {
			settled = id
		}
		return nil
	}, low, last)
	return settled, err
}

// Sender is a test that sent requests.
type Sender struct {
	Test string
	Last time.Time // when its last request began
}

// Senders returns the tests that sent requests since a time, the latest first. It looks at so many of the newest rows, at most.
func (r *Reader) Senders(run int64, since time.Time, look int64) (all []Sender, err error) {
	err = r.Snapshot(func() error {
		first, last, err := r.rowsOf(run)
		if err != nil {
			return err
		}
		return eachRow(r.conn, `SELECT t.name, max(r.start_ns) FROM request r JOIN test t ON t.id = r.test
			WHERE r.id > ? AND r.id <= ? AND r.test <> 0 AND r.start_ns >= ? GROUP BY r.test ORDER BY 2 DESC`, func(row []driver.Value) error {
			all = append(all, Sender{row[0].(string), timeOf(row[1].(int64))})
			return nil
		}, max(first-1, last-look), last, since.UnixNano())
	})
	if err != nil {
		return nil, fmt.Errorf("read who sends requests in %s: %w", r.path, err)
	}
	return all, nil
}
