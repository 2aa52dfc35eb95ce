package server

import (
	"slices"
	"sync"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/view"
)

// mostShown is how many runs' state is kept: what was asked about others is asked of the recording again.
const mostShown = 4

// shownRun is what is kept of a run between questions about it.
type shownRun struct {
	id int64

	mu        sync.Mutex  // for all below
	endpoints *view.Index // of all answers, so that numbers in one mean the same in another
	activity  kept[*view.Activity]
	none      kept[[]view.Unattributed]
}

// of returns the state of a run, which becomes the latest asked for.
func (s *Server) of(id int64) *shownRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := &shownRun{id: id, endpoints: view.NewIndex()}
	if i := slices.IndexFunc(s.shown, func(r *shownRun) bool { return r.id == id }); i >= 0 {
		run = s.shown[i]
		s.shown = slices.Delete(s.shown, i, i+1)
	}
	s.shown = slices.Insert(s.shown, 0, run)
	s.shown = slices.Delete(s.shown, min(len(s.shown), mostShown), len(s.shown))
	return run
}

// kept is an answer that is made again when the run has grown.
type kept[T any] struct {
	value T
	of    stamp
}

// stamp changes when a run does.
type stamp struct {
	requests, specs int64
	end             time.Time
}

func stampOf(i db.RunInfo) stamp { return stamp{i.Requests, i.Specs, i.End} }

func (k *kept[T]) get(r *db.Reader, info db.RunInfo, load func(*db.Reader, db.RunInfo) (T, error)) (T, error) {
	if k.of == stampOf(info) && info.Requests > 0 {
		return k.value, nil
	}
	v, err := load(r, info)
	if err == nil {
		k.value, k.of = v, stampOf(info)
	}
	return v, err
}
