package db

import (
	"database/sql/driver"
	"time"

	"e2etap/internal/traffic"
)

// Evidence is what a recording has of a request that tells of its test.
type Evidence struct {
	// Request has its ID, connection, start, duration, verb, group, resource, subresource, namespace, selectors, client, status
	// and attribution; its name only if it is a watch.
	Request traffic.Request
	Process *traffic.Process // nil: not known
}

// Known is what is known of a run beside its requests.
func (r *Reader) Known(run int64) (processes map[int64]*traffic.Process, specs []*traffic.Spec, err error) {
	if processes, err = readProcesses(r.conn, run); err != nil {
		return nil, nil, err
	}
	specs, err = readSpecs(r.conn, run, processes)
	return processes, specs, err
}

// evidence reads the requests of a run, whose parts that repeat it knows by ID.
type evidence struct {
	run          int64
	processes    map[int64]*traffic.Process
	connections  map[int64]int64 // connection → process
	endpoints    map[int64]endpointInfo
	clients      map[int64]traffic.Client
	queries      map[int64]traffic.Query
	attributions map[int64]attribution
	tests        map[int64]string
	texts        *statement
	namespaces   map[int64]string // that were asked for
}

// EachRequest calls do with every request of a run in the order of their start, until one call fails. What do gets is the
// same variable every time.
func (r *Reader) EachRequest(run int64, do func(*Evidence) error) error {
	e := &evidence{run: run, namespaces: map[int64]string{}}
	if err := e.load(r.conn); err != nil {
		return err
	}
	defer e.texts.close()
	var v Evidence
	return eachRow(r.conn, `SELECT r.id, r.connection, r.start_ns, r.duration_ns, r.endpoint, r.namespace, r.name, r.query, r.client,
		r.status, r.test, r.attribution FROM request r WHERE r.run = ? AND `+fromFirst([]int64{run})+` ORDER BY r.start_ns, r.id`,
		func(row []driver.Value) error {
			if err := e.fill(&v, row); err != nil {
				return err
			}
			return do(&v)
		}, run)
}

func (e *evidence) fill(v *Evidence, row []driver.Value) error {
	n := func(i int) int64 { return row[i].(int64) }
	end := e.endpoints[n(4)]
	namespace, err := e.namespace(n(5))
	if err != nil {
		return err
	}
	name := ""
	if end.verb == "watch" { // no other verb's name tells of a test
		name, err = textOf(e.texts, n(6))
	}
	v.Process = e.processes[e.connections[n(1)]]
	v.Request = traffic.Request{
		ID: n(0), Connection: n(1), Start: timeOf(n(2)), Duration: time.Duration(n(3)),
		Method: end.method, Query: e.queries[n(7)], Client: e.clients[n(8)], Status: int(n(9)),
		API: traffic.API{
			Verb: end.verb, Group: end.group, Version: end.version, Resource: end.resource, Subresource: end.subresource,
			Namespace: namespace, Name: name,
		},
		Attribution: traffic.Attribution(e.attributions[n(11)]),
	}
	v.Request.Test = e.tests[n(10)]
	return err
}

func (e *evidence) namespace(id int64) (string, error) {
	name, known := e.namespaces[id]
	if known || id == 0 {
		return name, nil
	}
	name, err := textOf(e.texts, id)
	e.namespaces[id] = name
	return name, err
}

func (e *evidence) load(conn driver.Conn) (err error) {
	if e.processes, err = readProcesses(conn, e.run); err != nil {
		return err
	}
	if e.endpoints, err = readEndpoints(conn); err != nil {
		return err
	}
	e.attributions = map[int64]attribution{}
	if err = eachAttribution(conn, func(id int64, a attribution) { e.attributions[id] = a }); err != nil {
		return err
	}
	if err = e.loadValues(conn); err != nil {
		return err
	}
	e.texts, err = prepare(conn, `SELECT value FROM string WHERE id = ?`)
	return err
}

func (e *evidence) loadValues(conn driver.Conn) error {
	e.connections, e.tests = map[int64]int64{}, map[int64]string{}
	e.clients, e.queries = map[int64]traffic.Client{}, map[int64]traffic.Query{}
	if err := eachRow(conn, `SELECT id, process FROM connection WHERE run = ?`, func(row []driver.Value) error {
		e.connections[row[0].(int64)] = row[1].(int64)
		return nil
	}, e.run); err != nil {
		return err
	}
	if err := eachRow(conn, `SELECT id, name FROM test`, func(row []driver.Value) error {
		e.tests[row[0].(int64)] = row[1].(string)
		return nil
	}); err != nil {
		return err
	}
	if err := eachClient(conn, func(id, _ int64, c traffic.Client) { e.clients[id] = c }); err != nil {
		return err
	}
	return eachRow(conn, `SELECT id, watch, dry_run, field_manager, list_limit, label_selector, field_selector FROM query`,
		func(row []driver.Value) error {
			e.queries[row[0].(int64)] = queryOf(row)
			return nil
		})
}
