package db

import (
	"database/sql/driver"
	"fmt"
	"time"

	"e2etap/internal/traffic"
)

// byTest is the commonest question, all tests of whole runs, answered without unpacking a histogram for each test. That is not
// possible if a test has several rows in the summary (for instance, in two runs): then whole is false.
func (r *Reader) byTest(runs []int64) (groups []Group, total Group, whole bool, err error) {
	err = r.Snapshot(func() error {
		if groups, err = readTests(r.conn, list(runs)); err != nil || groups == nil {
			return err
		}
		whole = true
		for i := range groups {
			total.plus(&groups[i])
		}
		return addTotals(r.conn, list(runs), &total)
	})
	if err != nil {
		return nil, Group{}, false, fmt.Errorf("summarize %s: %w", r.path, err)
	}
	sortGroups(groups)
	return groups, total, whole, nil
}

// readTests returns nil if a test is in the summary twice.
func readTests(conn driver.Conn, runs string) ([]Group, error) {
	groups, seen := []Group{}, map[string]bool{}
	err := eachRow(conn, `SELECT name, requests, errors_4xx, errors_5xx, watches, bytes_in, bytes_out, endpoints, timed, p50_ns, p99_ns, max_ns,
		from_header, from_user_agent, from_environment, from_process, from_namespace, from_output,
		from_object, from_service_account, from_time_window FROM summary LEFT JOIN test ON test.id = summary.test WHERE run IN (`+runs+`)`, func(row []driver.Value) error {
		n := func(i int) int64 { return row[i].(int64) }
		name, _ := row[0].(string)
		seen[name] = true
		groups = append(groups, Group{
			Keys: []string{name}, Requests: n(1), Errors4xx: n(2), Errors5xx: n(3), Watches: n(4), BytesIn: n(5), BytesOut: n(6),
			Endpoints: n(7), Timed: n(8), P50: time.Duration(n(9)), P99: time.Duration(n(10)), Max: time.Duration(n(11)),
		})
		g := &groups[len(groups)-1]
		g.Sources[traffic.SourceNone] = g.Requests
		for s := traffic.SourceHeader; int(s) < traffic.SourceCount; s++ {
			g.Sources[s] = n(11 + int(s))
			g.Sources[traffic.SourceNone] -= g.Sources[s]
		}
		return nil
	})
	if len(seen) < len(groups) {
		return nil, err
	}
	return groups, err
}

// addTotals adds what cannot be summed up from the tests' numbers.
func addTotals(conn driver.Conn, runs string, total *Group) error {
	ends, err := readEndpoints(conn)
	if err != nil {
		return err
	}
	var all runTotals
	err = eachRow(conn, `SELECT totals FROM run WHERE totals IS NOT NULL AND id IN (`+runs+`)`, func(row []driver.Value) error {
		return all.read(row[0].([]byte))
	})
	if err != nil {
		return err
	}
	var numbers bitset
	all.endpoints.each(func(id int) { numbers.add(ends[int64(id)].number) })
	total.Endpoints = numbers.count()
	total.percentiles(&all.durations)
	return nil
}
