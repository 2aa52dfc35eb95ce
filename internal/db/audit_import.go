package db

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/memo"
	"e2etap/internal/traffic"
)

// AuditImport counts what became of the requests that an import was told of.
type AuditImport struct {
	New       int64 // requests that the recording did not know
	Completed int64 // that it knew with fewer stages
	Known     int64 // that it knew
}

// auditBatch is how many requests one transaction imports: audit IDs are random, so that each transaction writes most of their index.
const auditBatch = 50_000

// ImportAudit stores the requests that read adds. Those that are there already, by their audit ID, are completed with the stages that
// are new, so that importing twice adds nothing. It is done in batches: what was added before a failure, of read too, stays, and
// importing again goes on from there.
func (e *Editor) ImportAudit(read func(*AuditWriter) error) (AuditImport, error) {
	w, err := newWriter(e.conn, 0)
	if err != nil {
		return AuditImport{}, fmt.Errorf("write audit log to %s: %w", e.path, err)
	}
	i := &auditImporter{writer: w, path: e.path, sqlite: e.conn}
	if err = i.prepare(); err == nil {
		err = i.run(read)
	}
	return i.done, errors.Join(err, w.close())
}

// auditImporter stores requests of audit logs, some thousand in a transaction.
type auditImporter struct {
	*writer
	path                 string
	sqlite               *sqlite3.SQLiteConn
	find, insert, change *statement
	many                 *bulk          // inserts while there is no index
	row                  []driver.Value // that find found
	read                 []driver.Value // of the request that is being stored
	texts, agents        memo.Memo[string, driver.Value]
	asked                memo.Memo[endpoint, driver.Value]
	batch                int // requests in the open transaction
	open                 bool
	first                bool // import into the recording, none of whose requests are committed
	unindexed            bool
	now, done            AuditImport // with and without the open transaction
}

const (
	auditColumns = 18
	newAudit     = `(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)`
	changeAudit  = `REPLACE INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

func (i *auditImporter) prepare() (err error) {
	i.find = i.statement(`SELECT * FROM audit WHERE audit_id = ?`, &err)
	i.insert = i.statement(`INSERT INTO audit VALUES `+newAudit, &err)
	i.change = i.statement(changeAudit, &err)
	i.many = i.bulkOf("audit", newAudit, &err)
	i.bulks = append(i.bulks, i.many)
	i.row = make([]driver.Value, auditColumns)
	i.read = make([]driver.Value, auditRun)
	var stored int64
	err = errors.Join(err, queryInt(i.conn, `SELECT EXISTS (SELECT 1 FROM audit)`, &stored))
	i.first = stored == 0
	return err
}

// run imports all that read adds. If read fails, what it added is stored; if storing fails, the batch is not.
func (i *auditImporter) run(read func(*AuditWriter) error) error {
	w := startAuditWriter(i)
	err := read(w)
	if failure := w.close(); failure != nil {
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
	if err := i.start(); err != nil {
		return err
	}
	if err := i.store(a); err != nil {
		return err
	}
	if i.batch++; i.batch < auditBatch {
		return nil
	}
	return i.end()
}

// start begins a transaction, unless one is open.
func (i *auditImporter) start() error {
	if i.open {
		return nil
	}
	if err := i.begin.exec(); err != nil {
		return err
	}
	i.open = true
	if !i.first {
		return nil
	}
	i.first, i.unindexed = false, true
	return execute(i.sqlite, dropAuditIndex)
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

// settle commits, with each request once and the index in its place.
func (i *auditImporter) settle() error {
	if !i.unindexed {
		return i.end()
	}
	if err := errors.Join(i.start(), i.flush()); err != nil {
		return err
	}
	united, err := restoreAuditIndex(i.sqlite)
	if err != nil {
		return err
	}
	i.unindexed = false
	i.now.New -= united.Known + united.Completed
	i.now.Known += united.Known
	i.now.Completed += united.Completed
	return i.end()
}

func (i *auditImporter) store(a *traffic.Audit) error {
	id := auditKey(a.ID)
	if i.unindexed {
		row, err := i.auditRow(id, a)
		if err != nil {
			return err
		}
		i.now.New++
		return i.many.insert(row[1:]...)
	}
	known, err := i.find.queryRow(i.row, id)
	if err != nil {
		return err
	}
	if known && knowsStages(i.row, int64(a.Stages)) {
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

// knowsStages tells whether a stored row has all of these stages.
func knowsStages(row []driver.Value, stages int64) bool {
	return row[auditStages].(int64)|stages == row[auditStages]
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

// auditRow is the row of a request, without its id. The next call overwrites it.
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
	row := append(i.read[:0],
		nil, id, nanos(a.Received), timeOrNull(a.Completed), int64(a.Stages),
		i.endpoint(end, &err), i.recent(a.API.Namespace, &err), i.recent(a.API.Name, &err), i.recent(path, &err),
		i.recent(a.User, &err), i.recent(a.Impersonated, &err), i.recent(source, &err), i.agent(a.UserAgent, &err), int64(a.Status),
	)
	return row, err
}

// recent is text.
func (i *auditImporter) recent(s string, err *error) driver.Value {
	return i.texts.Get(memo.Hash(s), s, func() driver.Value { return i.text(s, err) })
}

func (i *auditImporter) agent(s string, err *error) driver.Value {
	return i.agents.Get(memo.Hash(s), s, func() driver.Value { return i.clients.ref(client{UserAgent: s}.append(nil), err).arg })
}

func (i *auditImporter) endpoint(e endpoint, err *error) driver.Value {
	h := memo.Hash(e.resource) ^ memo.Hash(e.verb)*memo.Mix ^ memo.Hash(e.path)
	return i.asked.Get(h, e, func() driver.Value { return i.endpoints.ref(e.append(nil), err).arg })
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
