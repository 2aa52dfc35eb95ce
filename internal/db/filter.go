package db

import (
	"database/sql/driver"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// Filter chooses requests. Zero fields choose all.
type Filter struct {
	Runs      []int64  // IDs, from [Reader.SelectRuns]
	Tests     []string // whole names; "" stands for requests without a test
	Verb      string   // "list"
	Resource  string   // as RBAC writes it: "pods", "pods/exec"
	Namespace string
	Client    string    // the program that the User-Agent names, see [traffic.Program]
	UserAgent string    // a part of it
	Status    string    // "404", "4xx"
	Source    string    // of the attribution: "process"; "none" for requests without a test
	Since     time.Time // of the request's start
	Rows      Rows      // if they are not all: those of the table request, without the summary and the audit log
	Audit     bool      // requests of the runs' time, too, that only the audit log has
}

// runsOnly tells whether the filter chooses whole runs.
func (f *Filter) runsOnly() bool {
	return f.Tests == nil && f.Verb == "" && f.Resource == "" && f.Namespace == "" && f.Client == "" && f.UserAgent == "" && f.Status == "" && f.Source == "" && f.Since.IsZero() && f.Rows == Rows{} && !f.Audit
}

// condition is a filter ready for use.
type condition struct {
	tests     string         // SQL for run and test, which the tables summary and request have
	endpoints map[int64]bool // nil: all
	low, high int64          // status
	source    int64          // -1: all

	rows     string // SQL for the table request only; "" if the summary can tell as well
	rowsArgs []driver.Value
	runIDs   []int64
	only     Rows
}

// choose reads a filter, and the endpoints that its condition goes by.
func (r *Reader) choose(f Filter) (ends map[int64]endpointInfo, c condition, err error) {
	if ends, err = readEndpoints(r.conn); err == nil {
		c, err = r.condition(f, ends)
	}
	return ends, c, err
}

func (r *Reader) condition(f Filter, ends map[int64]endpointInfo) (c condition, err error) {
	c.runIDs, c.only = f.Runs, f.Rows
	c.tests = "r.run IN (" + list(f.Runs) + ")"
	if f.Tests != nil {
		ids, err := r.testIDs(f)
		if err != nil {
			return c, err
		}
		c.tests += " AND r.test IN (" + list(ids) + ")"
	}
	if f.Verb != "" || f.Resource != "" {
		c.endpoints = map[int64]bool{}
		for id, e := range ends {
			if (f.Verb == "" || e.verb == f.Verb) && (f.Resource == "" || e.fullResource() == f.Resource) {
				c.endpoints[id] = true
			}
		}
	}
	if c.low, c.high, err = ParseStatus(f.Status); err != nil {
		return c, err
	}
	if c.source, err = parseSource(f.Source); err != nil {
		return c, err
	}
	if f.Namespace != "" {
		c.rows += " AND r.namespace IN (SELECT id FROM string WHERE value = ?)"
		c.rowsArgs = append(c.rowsArgs, f.Namespace)
	}
	if f.Client != "" || f.UserAgent != "" {
		ids, err := r.clientIDs(f)
		if err != nil {
			return c, err
		}
		c.rows += " AND r.client IN (" + list(ids) + ")"
	}
	if !f.Since.IsZero() {
		c.rows += " AND r.start_ns >= ?"
		c.rowsArgs = append(c.rowsArgs, f.Since.UnixNano())
	}
	return c, nil
}

// has tells whether a part of a summary's row is among the chosen.
func (c *condition) has(p part) bool {
	return p.status >= c.low && p.status <= c.high && (c.source < 0 || c.source == p.source) && (c.endpoints == nil || c.endpoints[p.endpoint])
}

// onRequest is the whole condition for the table request. A run's rows need not be searched before its first.
func (c *condition) onRequest() (sql string, args []driver.Value) {
	sql, args = c.onAudit()
	return c.only.ofRuns(c.runIDs) + " AND " + sql, args
}

// onAudit is the whole condition for auditFrom.
func (c *condition) onAudit() (sql string, args []driver.Value) {
	sql = fmt.Sprintf("%s%s AND r.status BETWEEN %d AND %d", c.tests, c.rows, c.low, c.high)
	if c.endpoints != nil {
		sql += " AND r.endpoint IN (" + list(slices.Collect(maps.Keys(c.endpoints))) + ")"
	}
	if c.source >= 0 {
		sql += fmt.Sprintf(" AND a.source = %d", c.source)
	}
	return sql, c.rowsArgs
}

// ParseStatus reads "404" or "4xx" as a range; "0" stands for requests without an answer, "" for all requests.
func ParseStatus(s string) (low, high int64, err error) {
	if s == "" {
		return math.MinInt64, math.MaxInt64, nil
	}
	if class, ok := strings.CutSuffix(s, "xx"); ok {
		if n, err := strconv.Atoi(class); err == nil && n >= 1 && n <= 5 {
			return int64(n * 100), int64(n*100 + 99), nil
		}
	} else if n, err := strconv.Atoi(s); err == nil && (n == 0 || n >= 100 && n <= 599) {
		return int64(n), int64(n), nil
	}
	return 0, 0, fmt.Errorf("status %q: want a code, such as 404, or a class, such as 4xx", s)
}

// parseSource returns the number of a source, -1 for "".
func parseSource(name string) (int64, error) {
	i := slices.Index(traffic.SourceNames(), name)
	if i < 0 && name != "" {
		return 0, fmt.Errorf("source %q: want one of %s", name, strings.Join(traffic.SourceNames(), ", "))
	}
	return int64(i), nil
}

// tests returns the tests of some runs by ID.
func (r *Reader) tests(runs []int64) (map[int64]string, error) {
	names := map[int64]string{}
	err := eachRow(r.conn, `SELECT id, name FROM test WHERE id IN (SELECT test FROM summary WHERE run IN (`+list(runs)+`)
		UNION SELECT test FROM audit WHERE run IN (`+list(runs)+`))`,
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

// clientIDs returns the clients of all runs that a filter chooses by their User-Agents.
func (r *Reader) clientIDs(f Filter) (ids []int64, err error) {
	err = eachRow(r.conn, `SELECT c.id, a.value, t.name FROM client c JOIN string a ON a.id = c.agent JOIN test t ON t.id = c.agent_test`,
		func(row []driver.Value) error {
			agent := joinAgent(row[1].(string), row[2].(string))
			if (f.Client == "" || traffic.Program(agent) == f.Client) && strings.Contains(agent, f.UserAgent) {
				ids = append(ids, row[0].(int64))
			}
			return nil
		})
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
