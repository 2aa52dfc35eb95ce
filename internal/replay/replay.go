// Package replay asks the tagger again about a recorded run, when all of it is known: it imports results, attributes every
// request anew, and measures how far each source of an attribution can be trusted.
//
// It reads and writes recordings by internal/db only and decides nothing about requests: that is the tagger's.
package replay

import (
	"fmt"

	"e2etap/internal/db"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

// Run is a run to attribute, in a recording that nobody records into.
type Run struct {
	ID      int64
	Pattern string // of tests' names in User-Agents; "" for the usual one
}

// Retag attributes every request of a run anew, with all that the recording knows, and stores what is new. seen is called with
// each request and its attribution. It returns how many attributions have changed.
func Retag(e *db.Editor, run Run, seen func(*traffic.Request)) (changed int, err error) {
	t, err := Learn(&e.Reader, run)
	if err != nil {
		return 0, err
	}
	return e.Retag(run.ID, func(v *db.Evidence) traffic.Attribution {
		old := v.Request.Attribution
		v.Request.Attribution = t.Attribute(&v.Request, v.Process)
		seen(&v.Request)
		a := v.Request.Attribution
		v.Request.Attribution = old
		return a
	})
}

// Learn returns a tagger that knows all of a run.
func Learn(r *db.Reader, run Run) (*tagger.Tagger, error) {
	t, err := tagger.New(run.Pattern)
	if err != nil {
		return nil, err
	}
	_, specs, err := r.Known(run.ID)
	if err != nil {
		return nil, fmt.Errorf("read specs: %w", err)
	}
	for _, s := range specs {
		t.Spec(s)
	}
	err = r.EachRequest(run.ID, func(v *db.Evidence) error {
		t.Learn(&v.Request, v.Process)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	t.Seal()
	return t, nil
}
