package server

import (
	"errors"
	"fmt"
	"net/http"

	"e2etap/internal/db"
	"e2etap/internal/rundiff"
	"e2etap/internal/view"
)

// keptDiff is the diff that was asked for last. It is made again when one of its runs has grown.
type keptDiff struct {
	value *view.Diff
	of    diffStamp
}

type diffStamp struct {
	label         string // of another recording
	id            int64  // of the run before
	before, after stamp
}

func (s *Server) diff(a *asked) (any, error) {
	name := a.form.Get("against")
	if name == "" && s.Against != nil {
		if s.Against.Open != nil {
			return s.diffElsewhere(a)
		}
		name = s.Against.Run
	}
	if name == "" || name == a.info.Name && !a.form.Has("against") {
		before, err := runBefore(a)
		if err != nil {
			return nil, err
		}
		return a.diffFrom(a.Reader, before, "")
	}
	before, err := s.find(a.Reader, name)
	if err != nil {
		return nil, err
	}
	return a.diffFrom(a.Reader, before, "")
}

// diffElsewhere compares with a run of another recording.
func (s *Server) diffElsewhere(a *asked) (d *view.Diff, err error) {
	other, err := s.Against.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, other.Close()) }()
	before, err := other.Run(s.Against.Run)
	if err != nil {
		return nil, err
	}
	return a.diffFrom(other, before, s.Against.Label)
}

func runBefore(a *asked) (before db.RunInfo, err error) {
	runs, err := a.Runs()
	for i, run := range runs {
		if run.ID == a.info.ID && i > 0 {
			return runs[i-1], err
		}
	}
	if err == nil {
		err = refusal{http.StatusNotFound, fmt.Errorf("run %q is the first of the recording: want against= and the name of another", a.info.Name)}
	}
	return before, err
}

func (a *asked) diffFrom(r *db.Reader, before db.RunInfo, label string) (*view.Diff, error) {
	a.kept.mu.Lock()
	defer a.kept.mu.Unlock()
	of := diffStamp{label, before.ID, stampOf(before), stampOf(a.info)}
	kept := &a.kept.diff
	if kept.value != nil && kept.of == of {
		return kept.value, nil
	}
	d, err := view.LoadDiff(r, before, a.Reader, a.info, rundiff.Usual())
	if err != nil {
		return nil, err
	}
	d.Before.Label = label
	*kept = keptDiff{d, of}
	return d, nil
}
