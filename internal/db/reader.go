package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

// Reader answers questions about a recording, also while it is being written. It is not for several goroutines at once.
type Reader struct {
	path     string
	conn     *sqlite3.SQLiteConn
	recovery Recovery
	inside   bool // a snapshot
}

// Recovery tells what [OpenReader] did about a recorder that died.
type Recovery struct {
	Records int   // that the dead recorder left behind and that are in the recording now
	Pending int64 // bytes of records that are not, because of Err
	Err     error
}

// OpenReader opens a recording to read it. If its recorder died, OpenReader completes the recording first; where it
// cannot be written it is read as it is. Recovery tells.
func OpenReader(path string) (*Reader, error) {
	if err := exists(path); err != nil {
		return nil, err
	}
	if err := upgrade(path); err != nil {
		return nil, openError(path, err)
	}
	recovery := complete(path)
	conn, err := openForReading(path)
	if err != nil {
		return nil, openError(path, err)
	}
	r := &Reader{path: path, conn: conn, recovery: recovery}
	if recovery.Err != nil {
		if r.recovery.Pending, err = r.unapplied(); err != nil {
			return nil, errors.Join(openError(path, err), r.conn.Close())
		}
	}
	var version int64
	if err := queryInt(r.conn, `PRAGMA user_version`, &version); err != nil || version == 0 {
		err = errors.Join(err, errors.New("it is empty"))
		return nil, errors.Join(openError(path, err), r.conn.Close())
	}
	return r, nil
}

// upgrade brings a recording of an older version to the newest schema.
func upgrade(path string) error {
	conn, err := openForReading(path)
	if err != nil {
		return err
	}
	var version int64
	err = errors.Join(queryInt(conn, `PRAGMA user_version`, &version), conn.Close())
	if err != nil || version == 0 || version == int64(len(migrations)) {
		return err
	}
	e, err := OpenEditor(path)
	if err != nil {
		return fmt.Errorf("schema version %d, this program reads %d, and it cannot be brought up to date: %w", version, len(migrations), err)
	}
	return e.Close()
}

// openForReading opens an existing file and changes nothing of it.
func openForReading(path string) (*sqlite3.SQLiteConn, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn(path, "ro", "_mutex=no"))
	if err != nil {
		return nil, err
	}
	conn := c.(*sqlite3.SQLiteConn)
	if err := check(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// complete does what a recorder that died would have done, if one did.
func complete(path string) (r Recovery) {
	p, err := openPending(pendingPath(path), false)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrInUse):
		return r // it ended in order, or it lives
	case err == nil:
		r.Records, err = finishFor(path, p)
	}
	r.Err = err
	return r
}

// finishFor completes a recording whose recorder left p behind.
func finishFor(path string, p *pendingFile) (records int, err error) {
	conn, err := openForWriting(path)
	if err != nil {
		return 0, errors.Join(err, p.close())
	}
	if err = modernize(conn); err == nil {
		records, err = recoverPending(conn, p)
	}
	if err != nil {
		return records, errors.Join(err, conn.Close(), p.close())
	}
	leaveWAL(conn, 0)
	return records, errors.Join(conn.Close(), p.remove())
}

// unapplied counts the bytes in the pending file that are not in the recording.
func (r *Reader) unapplied() (int64, error) {
	f, err := os.Open(pendingPath(r.path))
	if err != nil {
		return 0, nil // the reason is in Recovery.Err
	}
	defer f.Close()
	p := pendingFile{f: f}
	if err := p.readHeader(); err != nil {
		return 0, err
	}
	offset := int64(pendingStart)
	err = queryInt(r.conn, `SELECT applied FROM pending WHERE generation = ?`, &offset, int64(p.generation))
	return max(p.end-max(offset, pendingStart), 0), err
}

func exists(path string) error {
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("open recording: %w\nhint: \"proxy run\" writes one; pass its name with --db", err)
	case err != nil:
		return openError(path, err)
	}
	return nil
}

// Recovery tells what became of rows that a dead recorder left behind.
func (r *Reader) Recovery() Recovery { return r.recovery }

// Close releases the recording.
func (r *Reader) Close() error { return r.conn.Close() }

// RunInfo is a run in a recording.
type RunInfo struct {
	traffic.Run
	ID       int64
	End      time.Time // zero: it is being recorded, or was killed
	ExitCode int       // if it has an end
	Lost     int64     // requests and connections that could not be recorded, if it has an end
	Requests int64
	Tests    int64 // of these
	Specs    int64 // executions of tests that something else than requests tells of
	Revision int64 // changes when requests do that were there, but for open ones that end
}

// Run returns the one run that a name stands for.
func (r *Reader) Run(name string) (RunInfo, error) {
	ids, err := r.SelectRuns(name)
	if err != nil {
		return RunInfo{}, err
	}
	if len(ids) != 1 {
		return RunInfo{}, fmt.Errorf("--run %s stands for %d runs of %s, want one", name, len(ids), r.path)
	}
	runs, err := r.Runs()
	for _, run := range runs {
		if run.ID == ids[0] {
			return run, err
		}
	}
	return RunInfo{}, err
}

// Runs lists the runs, oldest first.
func (r *Reader) Runs() ([]RunInfo, error) {
	var runs []RunInfo
	err := eachRow(r.conn, `SELECT run.id, run.name, run.command, run.context, run.server, run.server_version, run.tool_version, run.start_ns,
		coalesce(run.end_ns, 0), coalesce(run.exit_code, 0), coalesce(run.lost, 0), runs.requests, runs.tests, run.pattern, run.uncertainty_ns,
		(SELECT count(*) FROM spec WHERE spec.run = run.id AND spec.test <> 0), run.revision
		FROM run JOIN runs ON runs.run = run.name ORDER BY run.id`,
		func(row []driver.Value) error {
			i, err := runInfo(row)
			runs = append(runs, i)
			return err
		})
	return runs, err
}
