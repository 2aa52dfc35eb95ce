package db

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// First is the request of a test that started first.
type First struct {
	Test  string // "" for requests without one
	ID    int64  // in the view requests
	Start time.Time
	Path  string
}

// Firsts returns, for each test that has any, the first of the chosen requests for the endpoints that are wanted, by the tests'
// names. It reads rows.
func (r *Reader) Firsts(f Filter, wanted func(Endpoint) bool) (map[string]First, error) {
	firsts := map[string]First{}
	err := r.Snapshot(func() error {
		ends, c, err := r.choose(f)
		if err != nil {
			return err
		}
		c.want(ends, wanted)
		return r.firsts(&c, firsts)
	})
	if err != nil {
		return nil, fmt.Errorf("find first requests of %s: %w", r.path, err)
	}
	return firsts, nil
}

// want leaves of the chosen endpoints those that are wanted.
func (c *condition) want(ends map[int64]endpointInfo, wanted func(Endpoint) bool) {
	chosen := map[int64]bool{}
	for id, e := range ends {
		if (c.endpoints == nil || c.endpoints[id]) && wanted(e.exported()) {
			chosen[id] = true
		}
	}
	c.endpoints = chosen
}

// firsts adds the first request of each test. Of those that started at the same time it is any.
func (r *Reader) firsts(c *condition, to map[string]First) error {
	where, args := c.onRequest()
	// SQLite takes the bare column id from the row that has the minimum
	return eachRow(r.conn, `SELECT test, id, start_ns, path FROM requests
		WHERE id IN (SELECT id FROM (SELECT r.id AS id, min(r.start_ns) FROM `+requestFrom+` WHERE `+where+` GROUP BY r.run, r.test))
		ORDER BY start_ns DESC, id DESC`,
		func(row []driver.Value) error {
			test, _ := row[0].(string)
			to[test] = First{Test: test, ID: row[1].(int64), Start: timeOf(row[2].(int64)), Path: row[3].(string)}
			return nil
		}, args...)
}
