package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"e2etap/internal/traffic"
)

// writer turns records into rows, on one connection and in one goroutine. What it remembers of the file is only true
// as long as its transactions succeed: after a failure, make a new one.
type writer struct {
	conn driver.Conn
	run  int64

	strings   *interner[text]
	tests     *interner[text]
	endpoints *interner[endpoint]
	clients   *interner[client]
	queries   *interner[query]
	contents  *interner[content]
	summary   *summary
	uuid      [16]byte // auditID's result

	begin, commit, mark                *statement
	insert, update, before, connection *statement
	all                                []*statement
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
	w.insert = w.statement(`INSERT INTO request VALUES (`+strings.Repeat("?, ", 21)+`?)`, &err)
	w.update = w.statement(`REPLACE INTO request VALUES (`+strings.Repeat("?, ", 21)+`?)`, &err)
	w.before = w.statement(`SELECT test, endpoint, status, bytes_in, bytes_out FROM request WHERE id = ?`, &err)
	w.connection = w.statement(`REPLACE INTO connection VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, &err)
	return err
}

// position is a place in the pending file.
type position struct {
	generation uint64
	offset     int64
}

// apply writes records in one transaction that also says that the pending file has been applied up to a position.
func (w *writer) apply(bodies []string, to position) error {
	if err := w.begin.exec(); err != nil {
		return err
	}
	for _, body := range bodies {
		if err := w.record(body); err != nil {
			return err
		}
	}
	if err := w.summary.flush(); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	if err := w.mark.exec(int64(to.generation), to.offset); err != nil {
		return err
	}
	return w.commit.exec()
}

func (w *writer) record(body string) error {
	r, err := decodeRecord(body)
	if err != nil {
		return err
	}
	switch r.kind {
	case kindRequest:
		return w.request(w.insert, &r.request)
	case kindCompletion:
		if err := w.forget(r.request.ID, endpointOf(&r.request)); err != nil {
			return err
		}
		return w.request(w.update, &r.request)
	case kindConnection:
		return w.connected(&r.connection)
	default:
		return w.ended(&r)
	}
}

// request writes the row and adds it to the summary.
func (w *writer) request(into *statement, q *traffic.Request) error {
	e := endpointOf(q)
	var err error
	str := func(s string) int64 { return textID(w.strings, s, &err) }
	namespace, name := str(q.API.Namespace), str(q.API.Name)
	path := int64(0)
	if q.Path != e.path(q.API.Namespace, q.API.Name) {
		path = str(q.Path)
	}
	test, warnings, failure := textID(w.tests, q.Test, &err), str(strings.Join(q.Warnings, "\n")), str(q.Error)
	endpoint := idOf(w.endpoints, e, &err)
	query := idOf(w.queries, query(q.Query), &err)
	content := idOf(w.contents, content{q.RequestContentType, q.ResponseContentType}, &err)
	client := idOf(w.clients, client(q.Client), &err)
	if err != nil {
		return err
	}
	err = into.exec(q.ID, w.run, q.Connection, nanos(q.Start), int64(q.Duration), int64(q.FirstByte),
		endpoint, namespace, name, path, query, content, int64(q.Status), q.BytesIn, q.BytesOut,
		client, w.auditID(q.AuditID), test, int64(q.Source), int64(q.Outcome), warnings, failure)
	if err != nil {
		return fmt.Errorf("write request %d: %w", q.ID, err)
	}
	return w.summary.add(summaryKey{w.run, test}, part{endpoint, int64(q.Status)},
		shareOf(e, q.Outcome, q.BytesIn, q.BytesOut, q.Duration))
}

// forget takes a started request's first row out of the summary; e is the endpoint of both its rows.
func (w *writer) forget(id int64, e endpoint) error {
	row := make([]driver.Value, 5)
	found, err := w.before.queryRow(row, id)
	if err != nil || !found {
		return err
	}
	n := func(i int) int64 { return row[i].(int64) }
	return w.summary.remove(summaryKey{w.run, n(0)}, part{n(1), n(2)}, shareOf(e, traffic.Open, n(3), n(4), 0))
}

func (w *writer) connected(c *traffic.Connection) error {
	var pid, start, executable driver.Value
	if c.PID != 0 {
		pid = int64(c.PID)
	}
	if !c.ProcessStart.IsZero() {
		start = nanos(c.ProcessStart)
	}
	if c.Executable != "" {
		executable = c.Executable
	}
	return w.connection.exec(c.ID, w.run, nanos(c.Opened), c.Remote, c.Protocol, pid, start, executable)
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

// auditID is the stored form: 16 bytes if it is a UUID in its usual form (lower case, with hyphens), else as it is.
func (w *writer) auditID(s string) driver.Value {
	if len(s) != 36 {
		return s
	}
	id := w.uuid[:0]
	for i := 0; i < len(s); {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return s
			}
			i++
		}
		high, low := hexDigit(s[i]), hexDigit(s[i+1])
		if high|low > 15 {
			return s
		}
		id = append(id, high<<4|low)
		i += 2
	}
	return id
}

// hexDigit is the value of a lower-case digit; above 15 for any other character.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}
