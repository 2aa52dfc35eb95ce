// Package crosscheck compares a recorded run with the API server's audit log, request by request and both ways.
//
// It reads recordings by internal/db only. It does not read logs: what it compares with has been imported. Two logs can agree
// and both be wrong; it finds what one of them lacks or tells differently.
package crosscheck

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Cell is where a request belongs: each is in exactly one.
type Cell string

// The cells. Those of [Cell.Bad] are no proof that the recording is complete and right, or of the contrary.
const (
	Matched Cell = "matched" // both tell the same
	Differs Cell = "differs" // both know it and tell different things

	// Recorded, but not in the log.
	Refused     Cell = "refused"     // the proxy answered by itself
	Unreachable Cell = "unreachable" // no connection to the API server could be made
	Aborted     Cell = "aborted"     // it was given up before an answer: it may not have reached the API server
	Open        Cell = "open"        // it had not ended, so that its last stage is not logged yet
	Omitted     Cell = "omitted"     // the policy omits its kind, as it seems: no request of that kind is logged, others are
	Uncovered   Cell = "uncovered"   // it was sent before the log's first request or after its last
	Unexplained Cell = "unexplained"

	// In the log, but not recorded.
	Around Cell = "around" // of a program that the proxy recorded, too: it went around the proxy
	Own    Cell = "own"    // the proxy's own questions
	Others Cell = "others" // of programs that never came through the proxy
)

// Cells lists them in the order to tell of them.
func Cells() []Cell {
	return []Cell{Around, Unexplained, Differs, Uncovered, Matched, Refused, Unreachable, Aborted, Open, Omitted, Own, Others}
}

// Bad tells whether a request in the cell leaves a question.
func (c Cell) Bad() bool { return slices.Index(Cells(), c) < 4 }

// Finding is one request and where it belongs. It has a Request or an Audit, or both.
type Finding struct {
	Cell    Cell
	Kinds   []string         // of differences, if it differs: see Kinds
	Texts   []string         // the differences: "status: 200 recorded, 404 audited"
	Client  string           // the program that the User-Agent names
	Request *traffic.Request // nil: not recorded
	Audit   *traffic.Audit   // nil: not in the log
}

// margin is how far apart times may be, and how far around a run requests may be of it while the clocks' difference is not known.
const margin = time.Second

// ErrNoLog tells that nothing can be compared.
var ErrNoLog = errors.New("no audit log of its time is imported\nhint: report import-audit FILE")

// Check calls found with every request of a run, and every other one that the audit log has of its time, until one call fails.
// What it gets is the same variable every time. All of it is one state of the recording, even while that is being written.
func Check(r *db.Reader, run db.RunInfo, found func(*Finding) error) error {
	return r.Snapshot(func() error {
		k, err := learn(r, run)
		if err != nil {
			return err
		}
		if !k.logged {
			return fmt.Errorf("cross-check %s: %w", run.Name, ErrNoLog)
		}
		if err := r.EachPair(run.ID, func(p *db.Pair) error { return found(k.recorded(p)) }); err != nil {
			return err
		}
		from, to := k.span(run)
		return r.EachUnrecorded(from, to, func(a *traffic.Audit) error { return found(k.unrecorded(a)) })
	})
}
