package view

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"e2etap/internal/db"
)

// Follower counts a run's requests, and remembers what it has counted: when the run has grown, only what is new is read. It answers what
// [LoadUnattributed] does, and the activity. Its methods may be called from any number of goroutines, which wait for each other.
//
// A request that is open counts, too, but is not remembered before it ends, because its status and its test may still change. When
// requests change that had ended ("report retag"), the run has another [db.RunInfo.Revision], and all are counted anew.
type Follower struct {
	activity, unattributed following
	clock                  *Clock
	sum                    *db.Sum
	lastActivity           *Activity
	lastUnattributed       []Unattributed
}

// following is how far a count has come.
type following struct {
	mu       sync.Mutex
	cursor   db.Cursor
	of       stamp // when it was asked last
	revision int64 // of what the cursor has counted
	begun    bool
}

// stamp changes when a run's requests do, but for those that were open.
type stamp struct{ requests, revision, end int64 }

// NewFollower returns one for one run of a recording, which has counted nothing yet.
func NewFollower() *Follower { return &Follower{} }

// Activity is the run's activity now.
func (f *Follower) Activity(r *db.Reader, info db.RunInfo) (*Activity, error) {
	f.activity.mu.Lock()
	defer f.activity.mu.Unlock()
	err := f.activity.follow(r, info, func() { f.clock = NewClock(info.Start) }, func(n db.News) error {
		f.clock.cover(info.End)
		f.clock.cover(n.Last)
		if err := f.clock.read(r, info, n.Settled); err != nil {
			return err
		}
		now := f.clock.clone()
		err := now.read(r, info, n.Open)
		f.lastActivity = now.Activity()
		return err
	})
	return f.lastActivity, err
}

// Unattributed says now why requests of the run have no test, most requests first.
func (f *Follower) Unattributed(r *db.Reader, info db.RunInfo) ([]Unattributed, error) {
	f.unattributed.mu.Lock()
	defer f.unattributed.mu.Unlock()
	err := f.unattributed.follow(r, info, func() { f.sum = db.NewSum(db.Client, db.Command, db.Why) }, func(n db.News) error {
		if err := addUntested(r, info, f.sum, n.Settled); err != nil {
			return err
		}
		now := f.sum.Clone()
		if err := addUntested(r, info, now, n.Open); err != nil {
			return err
		}
		groups, err := now.Groups(r)
		f.lastUnattributed = unattributedOf(groups)
		return err
	})
	return f.lastUnattributed, err
}

// follow calls count with what is new, and begin before that if nothing has been counted, or what has is of no use any more. The caller has locked f.
func (f *following) follow(r *db.Reader, info db.RunInfo, begin func(), count func(db.News) error) error {
	now := stamp{info.Requests, info.Revision, info.End.UnixNano()}
	if f.begun && f.of == now && f.cursor.Done() {
		return nil
	}
	if f.revision != info.Revision {
		f.begun = false
	}
	err := f.step(r, info, begin, count)
	if err == nil && f.cursor.Counted < info.Requests { // rows were written that the cursor had given up
		f.begun = false
		err = f.step(r, info, begin, count)
	}
	f.begun, f.of = err == nil, now
	return err
}

func (f *following) step(r *db.Reader, info db.RunInfo, begin func(), count func(db.News) error) error {
	if !f.begun {
		begin()
		f.cursor, f.revision, f.begun = db.Cursor{}, info.Revision, true
	}
	return r.Snapshot(func() error {
		news, err := r.News(info.ID, &f.cursor)
		if err != nil {
			return fmt.Errorf("count requests of run %q: %w", info.Name, err)
		}
		return count(news)
	})
}

// read counts some rows of a run.
func (c *Clock) read(r *db.Reader, info db.RunInfo, all []db.Rows) error {
	for _, rows := range all {
		err := r.EachActivity(info.ID, rows, info.Start, c.width, func(a db.Activity) error {
			c.add(&a)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Clock) clone() *Clock {
	to := *c
	to.firsts, to.spans = maps.Clone(c.firsts), slices.Clone(c.spans)
	return &to
}

// addUntested adds those of some rows of a run that have no test.
func addUntested(r *db.Reader, info db.RunInfo, to *db.Sum, all []db.Rows) error {
	for _, rows := range all {
		if err := r.AddTo(to, db.Filter{Runs: []int64{info.ID}, Tests: []string{""}, Rows: rows}); err != nil {
			return err
		}
	}
	return nil
}
