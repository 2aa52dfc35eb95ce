package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// writer turns records into rows, on one connection and in one goroutine. What it remembers of the file is only true
// as long as its transactions succeed: after a failure, make a new one.
type writer struct {
	conn driver.Conn
	run  int64

	strings, tests, endpoints, clients, queries, contents, attributions *interner
	paths                                                               int // of endpoints, stored
	summary                                                             *summary
	record                                                              record // being written

	begin, commit, mark, update, before, connection, process, spec, dropPhases, phase *statement
	requests                                                                          *bulk

	all   []*statement
	bulks []*bulk
}

// newWriter prepares for rows of a run and loads what the interners should know.
func newWriter(conn driver.Conn, run int64) (*writer, error) {
	w := &writer{conn: conn, run: run}
	err := errors.Join(w.prepare(), w.prepareInterners())
	if err == nil {
		err = w.loadInterners()
	}
	if err == nil {
		w.summary, err = newSummary(conn)
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *writer) close() error {
	var errs []error
	if w.summary != nil {
		errs = append(errs, w.summary.close())
	}
	for _, s := range w.all {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// statement prepares a statement that close will close. After the first error it returns nil.
func (w *writer) statement(sql string, err *error) *statement {
	if *err != nil {
		return nil
	}
	var s *statement
	if s, *err = prepare(w.conn, sql); *err == nil {
		w.all = append(w.all, s)
	}
	return s
}

func (w *writer) prepare() (err error) {
	w.begin = w.statement(`BEGIN IMMEDIATE`, &err)
	w.commit = w.statement(`COMMIT`, &err)
	w.mark = w.statement(`UPDATE pending SET generation = ?, applied = ?`, &err)
	w.requests = w.bulk("request", requestColumns, &err)
	w.bulks = append(w.bulks, w.requests)
	w.update = w.statement(`REPLACE INTO request VALUES (`+strings.Repeat("?, ", requestColumns-1)+`?)`, &err)
	w.before = w.statement(`SELECT r.test, r.endpoint, r.status, a.source, r.bytes_in, r.bytes_out
		FROM request r JOIN attribution a ON a.id = r.attribution WHERE r.id = ?`, &err)
	w.connection = w.statement(`REPLACE INTO connection VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, &err)
	w.process = w.statement(`REPLACE INTO process VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, &err)
	w.spec = w.statement(`REPLACE INTO spec VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, &err)
	w.dropPhases = w.statement(`DELETE FROM spec_phase WHERE spec = ?`, &err)
	w.phase = w.statement(`REPLACE INTO spec_phase VALUES (?, ?, ?, ?)`, &err)
	return err
}

const requestColumns = 23

// position is a place in the pending file.
type position struct {
	generation uint64
	offset     int64
}

// apply writes records in one transaction that also says that the pending file has been applied up to a position.
func (w *writer) apply(bodies [][]byte, to position) error {
	if err := w.begin.exec(); err != nil {
		return err
	}
	for _, body := range bodies {
		if err := w.write(body); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.summary.flush(); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	if err := w.mark.exec(int64(to.generation), to.offset); err != nil {
		return err
	}
	return w.commit.exec()
}

func (w *writer) write(body []byte) error {
	if err := w.record.decode(body); err != nil {
		return err
	}
	switch w.record.kind {
	case kindRequest:
		return w.request(w.requests.insert, &w.record.request)
	case kindCompletion:
		if err := w.forget(&w.record.request); err != nil {
			return err
		}
		return w.request(w.update.exec, &w.record.request)
	case kindConnection:
		return w.connected(&w.record.connection)
	case kindProcess:
		return w.started(&w.record.process)
	case kindSpec:
		return w.told(&w.record.spec.Spec, w.record.spec.process)
	case kindOperations:
		return storeOperations(w.conn, w.run, w.record.operations)
	default:
		return w.ended(&w.record)
	}
}

// request writes the row and adds it to the summary.
func (w *writer) request(write func(...driver.Value) error, r *row) error {
	var err error
	endpoint, client := w.endpoints.ref(r.endpoint, &err), w.clients.ref(r.client, &err)
	query, content := w.queries.ref(r.query, &err), w.contents.ref(r.content, &err)
	attribution := w.attributions.ref(r.attribution, &err)
	namespace, name, path := w.strings.ref(r.namespace, &err), w.strings.ref(r.name, &err), w.strings.ref(r.path, &err)
	warnings, failure := w.strings.ref(r.warnings, &err), w.strings.ref(r.failure, &err)
	test := client.test
	if r.flags&testOfAgent == 0 {
		test = w.tests.ref(r.test, &err)
	}
	tagged := nothing
	if r.flags&taggedAsTest != 0 {
		tagged = test
	}
	if err != nil {
		return err
	}
	err = write(r.id, w.run, r.connection, r.start, r.duration, r.firstByte, endpoint.arg, namespace.arg, name.arg, path.arg,
		query.arg, content.arg, r.status, r.bytesIn, r.bytesOut, client.arg, r.auditID(), test.arg, attribution.arg, int64(r.outcome),
		warnings.arg, failure.arg, tagged.arg)
	if err != nil {
		return fmt.Errorf("write requests, last %d: %w", r.id, err)
	}
	return w.summary.add(summaryKey{w.run, test.id}, part{endpoint.id, r.status, attribution.source},
		shareOf(endpoint.traits, traffic.Outcome(r.outcome), r.bytesIn, r.bytesOut, time.Duration(r.duration)))
}

// forget takes a started request's first row, which has the same endpoint, out of the summary.
func (w *writer) forget(r *row) error {
	if w.requests.has(r.id) {
		if err := w.requests.flush(); err != nil {
			return err
		}
	}
	before := make([]driver.Value, 6)
	found, err := w.before.queryRow(before, r.id)
	if err != nil || !found {
		return err
	}
	n := func(i int) int64 { return before[i].(int64) }
	traits := w.endpoints.ref(r.endpoint, &err).traits
	if err != nil {
		return err
	}
	return w.summary.remove(summaryKey{w.run, n(0)}, part{n(1), n(2), n(3)}, shareOf(traits, traffic.Open, n(4), n(5), 0))
}

// ended completes the run. What is still open now will stay so.
func (w *writer) ended(r *record) error {
	end, err := prepare(w.conn, `UPDATE run SET end_ns = ?, exit_code = ?, lost = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	err = end.exec(nanos(r.end.End), int64(r.end.ExitCode), r.lost, w.run)
	return errors.Join(err, end.close())
}
