package spec

import (
	"time"

	"e2etap/internal/traffic"
)

// Kind says what happened to a spec.
type Kind uint8

const (
	// Started: it began.
	Started Kind = iota
	// Paused: it does not run for now. A parallel test of go test waits for its turn, a test waits for its subtest or for
	// the ginkgo suite that it runs, or a subtest has ended but its result is not printed before its parent's.
	Paused
	// Continued: it runs again after a pause.
	Continued
	// Ended: it is over. A paused spec may end.
	Ended
)

var kinds = [...]string{"started", "paused", "continued", "ended"}

func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "unknown"
}

// Event says what happened to a spec.
type Event struct {
	Kind Kind
	// At says when it happened. It may lie before the time of the Scan that told of it, never after.
	At time.Time
	// Key is the same in all events of one execution of a spec, and no other's within a Scanner. Two executions of specs
	// of one name have two keys.
	Key int64
	// Spec is what is known of it so far. A spec whose beginning was not printed has one event, Ended, without Start.
	Spec traffic.Spec
}
