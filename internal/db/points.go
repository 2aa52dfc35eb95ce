package db

import (
	"database/sql/driver"
	"fmt"
	"time"

	"e2etap/internal/traffic"
)

// Point is a request as a chart shows it.
type Point struct {
	ID              int64
	Test            string // "" without one
	Start           time.Time
	Duration        time.Duration // 0 while it is open
	Endpoint        Endpoint
	Namespace, Name string // Name only if it was asked for
	Status          int    // 0: no answer
	Outcome         traffic.Outcome
	Source          traffic.Source
	Why             traffic.Why
	Phase           traffic.Phase
}

// PointQuery chooses points.
type PointQuery struct {
	Run   int64
	Tests []string // nil: all; "" stands for requests without a test
	Names bool     // read the names of objects, too
	// Offset and Limit cut a page out of the points; a Limit of 0 is none.
	Offset, Limit int64
}

// EachPoint calls do with the chosen requests of a run, until one call fails. Those of a test stand together in the order they started;
// a test comes twice if the recording has its name twice, which a recorder that many names passed through may have caused. What do
// gets is the same variable every time. It costs less than [Reader.List], since all that repeats is looked up once.
func (r *Reader) EachPoint(q PointQuery, do func(*Point) error) error {
	err := r.Snapshot(func() error {
		p, where, err := r.points(q)
		if err != nil {
			return err
		}
		defer p.texts.close()
		limit := ""
		if q.Limit > 0 {
			limit = fmt.Sprintf(" LIMIT %d OFFSET %d", q.Limit, q.Offset)
		}
		var v Point
		return eachRow(r.conn, `SELECT r.id, r.test, r.start_ns, r.duration_ns, r.endpoint, r.namespace, r.name, r.status, r.outcome, r.attribution
			FROM request r WHERE `+where+` ORDER BY r.test, r.start_ns, r.id`+limit, func(row []driver.Value) error {
			if err := p.fill(&v, row, q.Names); err != nil {
				return err
			}
			return do(&v)
		})
	})
	if err != nil {
		return fmt.Errorf("read requests of %s: %w", r.path, err)
	}
	return nil
}

// points has what the columns of a request stand for.
type points struct {
	tests        map[int64]string
	endpoints    map[int64]endpointInfo
	attributions map[int64]attribution
	texts        *statement
	namespaces   map[int64]string // that were asked for
}

func (r *Reader) points(q PointQuery) (p *points, where string, err error) {
	runs := []int64{q.Run}
	p = &points{attributions: map[int64]attribution{}, namespaces: map[int64]string{0: ""}}
	if p.tests, err = r.tests(runs); err != nil {
		return nil, "", err
	}
	if p.endpoints, err = readEndpoints(r.conn); err != nil {
		return nil, "", err
	}
	if err = eachAttribution(r.conn, func(id int64, a attribution) { p.attributions[id] = a }); err != nil {
		return nil, "", err
	}
	where = fmt.Sprintf("r.run = %d AND %s", q.Run, fromFirst(runs))
	if q.Tests != nil {
		ids, err := r.testIDs(Filter{Runs: runs, Tests: q.Tests})
		if err != nil {
			return nil, "", err
		}
		where += " AND r.test IN (" + list(ids) + ")"
	}
	p.texts, err = prepare(r.conn, `SELECT value FROM string WHERE id = ?`)
	return p, where, err
}

func (p *points) fill(v *Point, row []driver.Value, names bool) (err error) {
	n := func(i int) int64 { return row[i].(int64) }
	a := p.attributions[n(9)]
	*v = Point{
		ID: n(0), Test: p.tests[n(1)], Start: timeOf(n(2)), Duration: time.Duration(n(3)), Endpoint: p.endpoints[n(4)].exported(),
		Status: int(n(7)), Outcome: traffic.Outcome(n(8)), Source: a.Source, Why: a.Why, Phase: a.Phase,
	}
	namespace, known := p.namespaces[n(5)]
	if !known {
		if namespace, err = textOf(p.texts, n(5)); err != nil {
			return err
		}
		p.namespaces[n(5)] = namespace
	}
	v.Namespace = namespace
	if names && n(6) != 0 {
		v.Name, err = textOf(p.texts, n(6))
	}
	return err
}
