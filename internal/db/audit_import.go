package db

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"e2etap/internal/traffic"
)

// AuditImport counts what became of the requests that an import was told of.
type AuditImport struct {
	New       int64 // requests that the recording did not know
	Completed int64 // that it knew with fewer stages
	Known     int64 // that it knew
}

// auditBatch is how many requests one transaction imports.
const auditBatch = 10_000

// ImportAudit stores the requests that read adds. Those that are there already, by their audit ID, are completed with the stages that
// are new, so that importing twice adds nothing. It is done in batches: what was added before a failure, of read too, stays, and
// importing again goes on from there.
func (e *Editor) ImportAudit(read func(*AuditWriter) error) (AuditImport, error) {
	w, err := newWriter(e.conn, 0)
	if err != nil {
		return AuditImport{}, fmt.Errorf("write audit log to %s: %w", e.path, err)
	}
	i := &auditImporter{writer: w, path: e.path}
	if err = i.prepare(); err == nil {
		err = i.run(read)
	}
	return i.done, errors.Join(err, w.close())
}

// AuditWriter takes the requests of one import. It is for one goroutine. After an error of its methods, which they return again and
// again, the import has failed.
type AuditWriter struct {
	importer *auditImporter
	failure  error // of storing
}

// Add stores a request. Readers of the recording see it after Commit, or some thousand requests later.
func (w *AuditWriter) Add(a *traffic.Audit) error {
	if w.failure == nil {
		w.failure = w.importer.add(a)
	}
	return w.failure
}

// Commit lets readers of the recording see all that was added.
func (w *AuditWriter) Commit() error {
	if w.failure == nil {
		w.failure = w.importer.end()
	}
	return w.failure
}

// auditImporter stores requests of audit logs, some thousand in a transaction.
type auditImporter struct {
	*writer
	path                 string
	find, insert, change *statement
	row                  []driver.Value // that find found
	batch                int            // requests in the open transaction
	open                 bool
	now, done            AuditImport // with and without the open transaction
}

const auditColumns = 18

func (i *auditImporter) prepare() (err error) {
	i.find = i.statement(`SELECT * FROM audit WHERE audit_id = ?`, &err)
	i.insert = i.statement(`INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)`, &err)
	i.change = i.statement(`REPLACE INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, &err)
	i.row = make([]driver.Value, auditColumns)
	return err
}

// run imports all that read adds. If read fails, what it added is stored; if storing fails, the batch is not.
func (i *auditImporter) run(read func(*AuditWriter) error) error {
	w := &AuditWriter{importer: i}
	err := read(w)
	if failure := w.Commit(); failure != nil {
		return errors.Join(fmt.Errorf("write audit log to %s: %w", i.path, failure), i.giveUp())
	}
	return err
}

func (i *auditImporter) giveUp() error {
	if !i.open {
		return nil
	}
	back, err := prepare(i.conn, `ROLLBACK`)
	if err != nil {
		return err
	}
	_ = back.exec() // SQLite has ended it already after some errors
	return back.close()
}

func (i *auditImporter) add(a *traffic.Audit) error {
	if !i.open {
		if err := i.begin.exec(); err != nil {
			return err
		}
		i.open = true
	}
	if err := i.store(a); err != nil {
		return err
	}
	if i.batch++; i.batch < auditBatch {
		return nil
	}
	return i.end()
}

// end commits.
func (i *auditImporter) end() error {
	if !i.open {
		return nil
	}
	if err := i.flush(); err != nil {
		return err
	}
	if err := i.commit.exec(); err != nil {
		return err
	}
	i.open, i.batch, i.done = false, 0, i.now
	return nil
}

func (i *auditImporter) store(a *traffic.Audit) error {
	id := auditKey(a.ID)
	known, err := i.find.queryRow(i.row, id)
	if err != nil {
		return err
	}
	if known && i.row[auditStages].(int64)|int64(a.Stages) == i.row[auditStages] {
		i.now.Known++
		return nil
	}
	row, err := i.auditRow(id, a)
	switch {
	case err != nil:
		return err
	case !known:
		i.now.New++
		return i.insert.exec(row[1:]...)
	}
	i.now.Completed++
	return i.change.exec(mergeAudit(i.row, row)...)
}

// Columns of the table audit.
const (
	auditRowID = iota
	auditAuditID
	auditReceived
	auditCompleted
	auditStages
	auditEndpoint
	auditNamespace
	auditName
	auditPath

	auditRun = 14 // what is said of it, from here on, is not the log's
)

// auditRow is the row of a request, without its id.
func (i *auditImporter) auditRow(id driver.Value, a *traffic.Audit) ([]driver.Value, error) {
	var err error
	end := auditedEndpoint(a)
	path, source := a.Path, ""
	if end.isPath(path, a.API.Namespace, a.API.Name) {
		path = ""
	}
	if len(a.SourceIPs) > 0 {
		source = a.SourceIPs[0]
	}
	row := []driver.Value{
		nil, id, nanos(a.Received), timeOrNull(a.Completed), int64(a.Stages),
		i.endpoints.ref(end.append(nil), &err).arg, i.text(a.API.Namespace, &err), i.text(a.API.Name, &err), i.text(path, &err),
		i.text(a.User, &err), i.text(a.Impersonated, &err), i.text(source, &err),
		i.clients.ref(client{UserAgent: a.UserAgent}.append(nil), &err).arg, int64(a.Status),
	}
	return row, err
}

// mergeAudit is a stored row with what another one of the same request tells. The one with the later stages tells more: the API
// server learns a new object's name, the status and more as it goes. What it asked for comes from one of them as a whole.
func mergeAudit(stored, read []driver.Value) []driver.Value {
	last, first := read, stored
	if stored[auditStages].(int64) > read[auditStages].(int64) {
		last, first = stored, read
	}
	row := append([]driver.Value(nil), stored...)
	for i := range row[:auditRun] {
		row[i] = last[i]
		asked := i >= auditEndpoint && i <= auditPath
		if !asked && (row[i] == nil || row[i] == int64(0)) {
			row[i] = first[i]
		}
	}
	row[auditRowID], row[auditAuditID] = stored[auditRowID], stored[auditAuditID]
	row[auditStages] = stored[auditStages].(int64) | read[auditStages].(int64)
	return row
}

// auditKey is the stored form of an audit ID, as a row's auditID.
func auditKey(id string) driver.Value {
	if uuid, ok := parseUUID(id); ok {
		return uuid[:]
	}
	return id
}
