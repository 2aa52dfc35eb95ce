// Package correlate finds the requests of a run that was not recorded in an imported audit log: which clients were the tests' own,
// and by how much the clocks of the API server and of the tests differ.
//
// It does not say which test a request belongs to: that is the tagger's, which is asked by internal/replay when the requests are in
// the recording. Requests of others, controllers above all, stay in the audit log.
package correlate

import (
	"fmt"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

// Result tells what was found.
type Result struct {
	Requests int64 // of the run now
	Clock    Clock
	Unnamed  bool // no request names a test, so that the tests' clients could only be told by their users
}

// Run adds the requests of a run's tests to it, which has specs and no requests. skew is how far the API server's clock is ahead of the
// specs' one; nil: to be found out. bounded says that the run's start and end are known; else all that the log has of the tests'
// clients is of the run, from the first to the last.
func Run(e *db.Editor, run db.RunInfo, skew *time.Duration, bounded bool) (Result, error) {
	t, err := tagger.New(run.Pattern)
	if err != nil {
		return Result{}, err
	}
	_, specs, err := e.Known(run.ID)
	if err != nil {
		return Result{}, err
	}
	s := newSurvey(t)
	if err := e.EachUnrecorded(time.Time{}, time.Time{}, s.first); err != nil {
		return Result{}, fmt.Errorf("read audit log: %w", err)
	}
	result := Result{Unnamed: len(s.clients) == 0}
	if result.Clock = findClock(specs, s.spans); skew != nil {
		result.Clock = Clock{Skew: *skew, Uncertainty: unknownUncertainty}
	}
	var from, to time.Time
	if bounded {
		from, to = run.Start.Add(result.Clock.Skew), run.End.Add(result.Clock.Skew)
	}
	s.busy = busyTimes(specs, result.Clock)
	if err := e.EachUnrecorded(from, to, s.second); err != nil {
		return result, fmt.Errorf("read audit log: %w", err)
	}
	return result, e.AddRequests(run.ID, func(add func(*traffic.Request) error) (db.Extent, error) {
		extent := extentOf(run, specs, bounded)
		extent.Uncertainty = result.Clock.Uncertainty
		err := e.EachUnrecorded(from, to, func(a *traffic.Audit) error {
			if !s.isTests(a) {
				return nil
			}
			q := requestOf(a, result.Clock.Skew)
			if !bounded {
				extent.Include(&q)
			}
			result.Requests++
			return add(&q)
		})
		return extent, err
	})
}

// extentOf is the time of a run, or of its specs, before its requests are known.
func extentOf(run db.RunInfo, specs []*traffic.Spec, bounded bool) db.Extent {
	if bounded {
		return db.Extent{Start: run.Start, End: run.End}
	}
	var x db.Extent
	for _, s := range specs {
		if !s.Start.IsZero() && (x.Start.IsZero() || s.Start.Before(x.Start)) {
			x.Start = s.Start
		}
		x.End = later(x.End, s.End)
	}
	return x
}
