package db

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Filter chooses requests. Zero fields choose all.
type Filter struct {
	Runs      []int64  // IDs, from [Reader.SelectRuns]
	Tests     []string // whole names; "" stands for requests without a test
	Verb      string   // "list"
	Resource  string   // as RBAC writes it: "pods", "pods/exec"
	Namespace string
	Status    string    // "404", "4xx"
	Since     time.Time // of the request's start
}

// condition is SQL that holds for the chosen rows of the table request, and of summary too unless rowsOnly.
type condition struct {
	sql      string
	args     []driver.Value
	rowsOnly bool
}

func (r *Reader) condition(f Filter, ends map[int64]endpointInfo) (condition, error) {
	c := condition{sql: "run IN (" + list(f.Runs) + ")"}
	and := func(sql string, args ...driver.Value) {
		c.sql += " AND " + sql
		c.args = append(c.args, args...)
	}
	if f.Tests != nil {
		ids, err := r.testIDs(f)
		if err != nil {
			return c, err
		}
		and("test IN (" + list(ids) + ")")
	}
	if f.Verb != "" || f.Resource != "" {
		var ids []int64
		for id, e := range ends {
			if (f.Verb == "" || e.verb == f.Verb) && (f.Resource == "" || e.fullResource() == f.Resource) {
				ids = append(ids, id)
			}
		}
		and("endpoint IN (" + list(ids) + ")")
	}
	if f.Status != "" {
		low, high, err := ParseStatus(f.Status)
		if err != nil {
			return c, err
		}
		and("status BETWEEN ? AND ?", low, high)
	}
	c.rowsOnly = f.Namespace != "" || !f.Since.IsZero()
	if f.Namespace != "" {
		and("namespace IN (SELECT id FROM string WHERE value = ?)", f.Namespace)
	}
	if !f.Since.IsZero() {
		and("start_ns >= ?", f.Since.UnixNano())
	}
	return c, nil
}

// onRows is the condition for the table request, where a run's rows need not be searched before its first.
func (c condition) onRows(f Filter) string {
	return fmt.Sprintf("id >= (SELECT coalesce(min(first_request), 0) FROM run WHERE id IN (%s)) AND %s", list(f.Runs), c.sql)
}

// ParseStatus reads "404" or "4xx" as a range; "0" stands for requests without an answer.
func ParseStatus(s string) (low, high int64, err error) {
	if class, ok := strings.CutSuffix(s, "xx"); ok {
		if n, err := strconv.Atoi(class); err == nil && n >= 1 && n <= 5 {
			return int64(n * 100), int64(n*100 + 99), nil
		}
	} else if n, err := strconv.Atoi(s); err == nil && (n == 0 || n >= 100 && n <= 599) {
		return int64(n), int64(n), nil
	}
	return 0, 0, fmt.Errorf("status %q: want a code, such as 404, or a class, such as 4xx", s)
}

// tests returns the tests of some runs by string ID.
func (r *Reader) tests(runs []int64) (map[int64]string, error) {
	names := map[int64]string{}
	// A recursive query jumps from test to test along the primary key; DISTINCT would read all of the table.
	err := eachRow(r.conn, `WITH RECURSIVE t(run, test) AS (
			SELECT id, (SELECT min(test) FROM summary WHERE run = run.id) FROM run WHERE id IN (`+list(runs)+`)
			UNION ALL
			SELECT run, (SELECT min(test) FROM summary s WHERE s.run = t.run AND s.test > t.test) FROM t WHERE test IS NOT NULL
		) SELECT DISTINCT string.id, value FROM t JOIN string ON string.id = t.test`,
		func(row []driver.Value) error {
			names[row[0].(int64)] = row[1].(string)
			return nil
		})
	return names, err
}

func (r *Reader) testIDs(f Filter) ([]int64, error) {
	names, err := r.tests(f.Runs)
	var ids []int64
	for id, name := range names {
		if slices.Contains(f.Tests, name) {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// list writes numbers for an SQL IN.
func list(ids []int64) string {
	var b []byte
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(b)
}
