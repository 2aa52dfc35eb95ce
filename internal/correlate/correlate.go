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

// Around is how far before the first spec and after the last one requests are of a run of which nothing else tells how long it was.
const Around = 10 * time.Minute

// Result tells what was found.
type Result struct {
	Requests int64 // of the run now
	Outside  int64 // of the tests' clients, but too early or too late
	Clock    Clock
	Unnamed  bool // no request names a test, so that the tests' clients could only be told by their users
}

// Run adds the requests of a run's tests to it, which has specs, or none that are known, and no requests. skew is how far the API server's
// clock is ahead of the specs' one; nil: to be found out. bounded says that the run's start and end are known; else it lasts from the
// first to the last of its specs and requests.
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
	c := correlation{extent: db.Extent{Start: run.Start, End: run.End}, survey: s, bounded: bounded, Result: Result{Unnamed: len(s.clients) == 0}}
	if c.Clock = findClock(specs, s.spans); skew != nil {
		c.Clock = Clock{Skew: *skew, Uncertainty: unknownUncertainty}
	}
	if !bounded {
		c.extent = extentOf(specs)
	}
	c.extent.Uncertainty = c.Clock.Uncertainty
	c.from, c.to = c.bounds()
	s.busy = busyTimes(specs, c.Clock)
	if err := e.EachUnrecorded(c.from, c.to, s.second); err != nil {
		return c.Result, fmt.Errorf("read audit log: %w", err)
	}
	err = e.AddRequests(run.ID, func(add func(*traffic.Request) error) (db.Extent, error) {
		err := e.EachUnrecorded(time.Time{}, time.Time{}, func(a *traffic.Audit) error { return c.add(a, add) })
		return c.extent, err
	})
	return c.Result, err
}

// correlation is what is known of a run when its requests are looked for.
type correlation struct {
	Result
	extent   db.Extent
	survey   *survey
	bounded  bool
	from, to time.Time // when its requests may have been received; zero: at any time
}

func (c *correlation) bounds() (from, to time.Time) {
	switch {
	case c.bounded:
		return c.extent.Start.Add(c.Clock.Skew - c.Clock.Uncertainty), c.extent.End.Add(c.Clock.Skew + c.Clock.Uncertainty)
	case c.extent.Start.IsZero():
		return from, to
	}
	return c.extent.Start.Add(c.Clock.Skew - Around), c.extent.End.Add(c.Clock.Skew + Around)
}

// add adds a request if it is the tests'.
func (c *correlation) add(a *traffic.Audit, add func(*traffic.Request) error) error {
	if !c.survey.isTests(a) {
		return nil
	}
	if a.Received.Before(c.from) || !c.to.IsZero() && a.Received.After(c.to) {
		c.Outside++
		return nil
	}
	q := requestOf(a, c.Clock.Skew)
	if !c.bounded {
		c.extent.Include(&q)
	}
	c.Requests++
	return add(&q)
}

// extentOf is the time of specs.
func extentOf(specs []*traffic.Spec) (x db.Extent) {
	for _, s := range specs {
		if !s.Start.IsZero() && (x.Start.IsZero() || s.Start.Before(x.Start)) {
			x.Start = s.Start
		}
		x.End = later(x.End, s.End)
	}
	return x
}
