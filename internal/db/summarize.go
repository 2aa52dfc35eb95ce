package db

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// Dimension is something to group requests by.
type Dimension string

// The dimensions. Client is the program in the User-Agent: what stands before its first slash or blank.
const (
	Test      Dimension = "test"
	Verb      Dimension = "verb"
	Resource  Dimension = "resource" // as RBAC writes it: "pods", "pods/exec"
	APIGroup  Dimension = "group"
	Namespace Dimension = "namespace"
	Status    Dimension = "status"
	Client    Dimension = "client"
	UserAgent Dimension = "user-agent"
	Path      Dimension = "path"
)

// Dimensions lists them all.
func Dimensions() []Dimension {
	return []Dimension{Test, Verb, Resource, APIGroup, Namespace, Status, Client, UserAgent, Path}
}

// summed tells whether the table summary knows the dimension.
func (d Dimension) summed() bool {
	switch d {
	case Test, Verb, Resource, APIGroup, Status:
		return true
	}
	return false
}

// Group is a row of a summary.
type Group struct {
	Keys      []string // one for each dimension
	Requests  int64
	Errors4xx int64
	Errors5xx int64
	Watches   int64
	Endpoints int64 // different combinations of method, verb, group, version, resource and subresource
	BytesIn   int64
	BytesOut  int64

	// Durations leave out long-running requests, such as watches. The percentiles are good to 2 %.
	Timed         int64 // requests with a duration; without any the next three mean nothing
	P50, P99, Max time.Duration
}

// Summarize groups the chosen requests, groups with the most requests first, and sums them all up.
func (r *Reader) Summarize(by []Dimension, f Filter) (groups []Group, total Group, err error) {
	return r.summarize(by, f, slices.ContainsFunc(by, func(d Dimension) bool { return !d.summed() }))
}

func (r *Reader) summarize(by []Dimension, f Filter, fromRows bool) (groups []Group, total Group, err error) {
	g := grouping{by: by, reader: r, byIDs: map[factIDs]*group{}, byKeys: map[string]*group{}, total: &group{}}
	for _, d := range by {
		g.use(d)
	}
	err = r.snapshot(func() (err error) {
		if g.endpoints, err = readEndpoints(r.conn); err != nil {
			return err
		}
		c, err := r.condition(f, g.endpoints)
		if err != nil {
			return err
		}
		if err := g.prepare(); err != nil {
			return err
		}
		if fromRows || c.rowsOnly {
			err = g.addRows(c, f)
		} else {
			err = g.addSums(c)
		}
		return errors.Join(err, g.texts.close(), g.agents.close())
	})
	if err == nil {
		groups, total, err = g.results()
	}
	if err != nil {
		return nil, Group{}, fmt.Errorf("summarize %s: %w", r.path, err)
	}
	return groups, total, nil
}

// snapshot runs do in a transaction, so that all its queries see the recording at one moment.
func (r *Reader) snapshot(do func() error) error {
	if err := execute(r.conn, `BEGIN`); err != nil {
		return err
	}
	defer rollback(r.conn)
	return do()
}

func (g *grouping) addSums(c condition) error {
	return eachRow(g.reader.conn, `SELECT test, endpoint, status, requests, bytes_in, bytes_out, max_ns, durations
		FROM summary WHERE `+c.sql, func(row []driver.Value) error {
		ids := factIDs{test: row[0].(int64), endpoint: row[1].(int64), status: row[2].(int64)}
		f := fact{requests: row[3].(int64), bytesIn: row[4].(int64), bytesOut: row[5].(int64),
			longest: time.Duration(row[6].(int64)), durations: row[7].([]byte)}
		return g.add(ids, &f)
	}, c.args...)
}

func (g *grouping) addRows(c condition, f Filter) error {
	return eachRow(g.reader.conn, `SELECT test, endpoint, status, bytes_in, bytes_out, duration_ns, outcome,
		namespace, name, path, client FROM request WHERE `+c.onRows(f), func(row []driver.Value) error {
		id := func(i int) int64 { return row[i].(int64) }
		ids := factIDs{id(0), id(1), id(2), id(7), id(8), id(9), id(10)}
		s := shareOf(traffic.Outcome(id(6)), g.endpoints[ids.endpoint].longRunning(), id(3), id(4), time.Duration(id(5)))
		return g.add(ids, &fact{requests: 1, bytesIn: s.bytesIn, bytesOut: s.bytesOut, single: s})
	}, c.args...)
}

// results orders the groups: most requests first, then by key.
func (g *grouping) results() (groups []Group, total Group, err error) {
	var t tally
	groups = make([]Group, 0, len(g.byKeys))
	for _, k := range g.byKeys {
		done, err := k.result(&t)
		if err != nil {
			return nil, total, err
		}
		groups = append(groups, done)
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), slices.Compare(a.Keys, b.Keys))
	})
	total, err = g.total.result(&t)
	return groups, total, err
}

// clientOf is the program that a User-Agent names.
func clientOf(userAgent string) string {
	if i := strings.IndexAny(userAgent, "/ "); i >= 0 {
		return userAgent[:i]
	}
	return userAgent
}

func statusText(status int64) string {
	if status == 0 {
		return ""
	}
	return strconv.FormatInt(status, 10)
}
