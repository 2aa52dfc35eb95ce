package db

import (
	"fmt"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

// batchRows is how many records go into one transaction at most.
const batchRows = 4096

// recoverPending applies what a dead recorder left in the pending file, and marks what it had started and not finished.
// It returns the number of records applied. The caller holds the pending file's lock.
func recoverPending(conn *sqlite3.SQLiteConn, p *pendingFile) (applied int, err error) {
	var generation, offset, run int64
	for column, to := range map[string]*int64{"generation": &generation, "applied": &offset, "run": &run} {
		if err := queryInt(conn, `SELECT `+column+` FROM pending`, to); err != nil {
			return 0, err
		}
	}
	at := position{p.generation, pendingStart}
	if p.generation == uint64(generation) {
		at.offset = max(offset, pendingStart)
	}
	if p.generation != uint64(generation) && p.generation != uint64(generation)+1 {
		return 0, refuseForeign(p, at)
	}
	a := applier{conn: conn, pending: p, run: run, at: at}
	applied, err = a.recover()
	if err != nil {
		return applied, fmt.Errorf("recover %s: %w", p.f.Name(), err)
	}
	return applied, markUnfinished(conn, run)
}

// refuseForeign fails if the pending file has records: they belong to another recording.
func refuseForeign(p *pendingFile, at position) error {
	var c chunk
	if _, err := p.read(&c, at.generation, at.offset, p.end, 1); err != nil || len(c.bodies) == 0 {
		return err
	}
	return fmt.Errorf("%s holds %d bytes of another recording\nhint: put that recording back in its place, or move this file away",
		p.f.Name(), p.end)
}

// markUnfinished gives up on requests of a run that ended before they did.
func markUnfinished(conn *sqlite3.SQLiteConn, run int64) error {
	return execute(conn, `UPDATE request SET outcome = ?
		WHERE outcome = ? AND run = ? AND id >= (SELECT first_request FROM run WHERE id = ?)`,
		int64(traffic.Unfinished), int64(traffic.Open), run, run)
}
