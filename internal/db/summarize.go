package db

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
	Source    Dimension = "source"  // what named the test
	Why       Dimension = "why"     // why there is no test
	Command   Dimension = "command" // of the client's process: the program's name and what follows up to the first flag
	Role      Dimension = "role"    // "test" for all that was recorded
)

// Dimensions lists them all.
func Dimensions() []Dimension {
	return []Dimension{Test, Verb, Resource, APIGroup, Namespace, Status, Client, UserAgent, Path, Source, Why, Command, Role}
}

// summed tells whether the table summary knows the dimension.
func (d Dimension) summed() bool {
	switch d {
	case Test, Verb, Resource, APIGroup, Status, Source, Role:
		return true
	}
	return false
}

// Summarize groups the chosen requests, groups with the most requests first, and sums them all up.
func (r *Reader) Summarize(by []Dimension, f Filter) (groups []Group, total Group, err error) {
	return r.summarize(by, f, slices.ContainsFunc(by, func(d Dimension) bool { return !d.summed() }))
}

func (r *Reader) summarize(by []Dimension, f Filter, fromRows bool) (groups []Group, total Group, err error) {
	if !fromRows && f.runsOnly() && slices.Equal(by, []Dimension{Test}) {
		if groups, total, whole, err := r.byTest(f.Runs); whole || err != nil {
			return groups, total, err
		}
	}
	g := NewSum(by...).grouping(r)
	err = r.Snapshot(func() error {
		c, err := g.begin(f)
		if err != nil {
			return err
		}
		if fromRows || c.rows != "" {
			err = g.addRows(&c)
		} else {
			err = g.addSums(&c)
		}
		if f.Audit && err == nil {
			err = g.addAudit(&c)
		}
		return errors.Join(err, g.close())
	})
	if err == nil {
		groups, total, err = g.results()
	}
	if err != nil {
		return nil, Group{}, fmt.Errorf("summarize %s: %w", r.path, err)
	}
	return groups, total, nil
}

// Snapshot runs do in a transaction, so that all its queries see the recording at one moment. In a snapshot, others are parts of it.
func (r *Reader) Snapshot(do func() error) error {
	if r.inside {
		return do()
	}
	if err := execute(r.conn, `BEGIN`); err != nil {
		return err
	}
	r.inside = true
	defer func() {
		r.inside = false
		rollback(r.conn)
	}()
	return do()
}

func (g *grouping) addSums(c *condition) error {
	return eachRow(g.reader.conn, `SELECT test, parts FROM summary_parts r WHERE `+c.tests, func(row []driver.Value) error {
		ids := factIDs{test: row[0].(int64)}
		return eachPart(row[1].([]byte), func(p part, s *sums, durations []byte) error {
			if !c.has(p) {
				return nil
			}
			ids.endpoint, ids.status, ids.source = p.endpoint, p.status, p.source
			k, err := g.group(ids)
			if err == nil {
				k.addSums(p, s, durations)
			}
			return err
		})
	})
}

func (g *grouping) addRows(c *condition) error {
	where, args := c.onRequest()
	return eachRow(g.reader.conn, `SELECT r.test, r.endpoint, r.status, r.namespace, r.name, r.path, r.client, a.source, a.why, c.process,
		r.bytes_in, r.bytes_out, r.duration_ns, r.outcome FROM `+requestFrom+` WHERE `+where, func(row []driver.Value) error {
		n := func(i int) int64 { v, _ := row[i].(int64); return v }
		ids := factIDs{n(0), n(1), n(2), n(3), n(4), n(5), n(6), n(7), n(8), n(9), int64(traffic.RoleTest)}
		k, err := g.group(ids)
		if err == nil {
			t := g.endpoints[ids.endpoint].traits()
			k.addRequest(part{ids.endpoint, ids.status, ids.source},
				shareOf(t, traffic.Outcome(n(13)), n(10), n(11), time.Duration(n(12))))
		}
		return err
	}, args...)
}

// addAudit adds what only the audit log has.
func (g *grouping) addAudit(c *condition) error {
	where, args := c.onAudit()
	return eachRow(g.reader.conn, `SELECT r.test, r.endpoint, r.status, r.namespace, r.name, r.path, r.client, a.source, a.why, r.role,
		r.start_ns, r.completed_ns FROM `+auditFrom+` WHERE `+where, func(row []driver.Value) error {
		n := func(i int) int64 { v, _ := row[i].(int64); return v }
		ids := factIDs{n(0), n(1), n(2), n(3), n(4), n(5), n(6), n(7), n(8), 0, n(9)}
		k, err := g.group(ids)
		if err == nil {
			outcome := traffic.Complete
			if row[11] == nil {
				outcome = traffic.Unfinished
			}
			t := g.endpoints[ids.endpoint].traits()
			k.addRequest(part{ids.endpoint, ids.status, ids.source}, shareOf(t, outcome, 0, 0, time.Duration(n(11)-n(10))))
		}
		return err
	}, args...)
}

// requestFrom is the table request with what its conditions and dimensions need. A CROSS JOIN keeps SQLite from going through the
// attributions first and making an index of all requests for that.
const requestFrom = `request r CROSS JOIN attribution a ON a.id = r.attribution LEFT JOIN connection c ON c.id = r.connection`

// auditFrom is what only the audit log has of runs' times, in the form of requestFrom.
const auditFrom = `(SELECT id, run, test, endpoint, status, namespace, name, path, client, attribution, role, received_ns AS start_ns, completed_ns
	FROM audit WHERE run <> 0) r JOIN attribution a ON a.id = r.attribution`

// results orders the groups (most requests first, then by key) and sums them up.
func (g *grouping) results() (groups []Group, total Group, err error) {
	var one, all tally
	var endpoints bitset
	groups = make([]Group, 0, len(g.byKeys))
	for _, k := range g.byKeys {
		if err := k.finish(g.endpoints, &one, &all, &endpoints); err != nil {
			return nil, total, err
		}
		groups = append(groups, k.Group)
		total.plus(&k.Group)
	}
	sortGroups(groups)
	total.Endpoints = endpoints.count()
	total.percentiles(&all)
	return groups, total, nil
}

func sortGroups(groups []Group) {
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), slices.Compare(a.Keys, b.Keys))
	})
}

func statusText(status int64) string {
	if status == 0 {
		return ""
	}
	return strconv.FormatInt(status, 10)
}
