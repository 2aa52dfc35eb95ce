// Package replay asks the tagger again about a recorded run, when all of it is known: it imports results, attributes every
// request anew, those that only an imported audit log has too, and measures how far each source of an attribution can be trusted.
//
// It reads and writes recordings by internal/db only and decides nothing about requests: that is the tagger's.
package replay

import (
	"fmt"

	"e2etap/internal/db"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

// Retag attributes every request of a run anew, with all that the recording knows, and stores what is new. So it does with what
// the audit log alone has of the run's time. run.Pattern finds tests' names in User-Agents. seen is called with each request and its
// attribution. It returns how many attributions have changed.
func Retag(e *db.Editor, run db.RunInfo, seen func(*traffic.Request)) (changed int, err error) {
	return retag(e, run, func() {}, func(_ traffic.Attribution, q *traffic.Request) { seen(q) }, func(*db.Judgement) {})
}

// retag calls learned for each request that it has learned from, then seen for each, with what its attribution was, then unrecorded
// for each that only the audit log has.
func retag(e *db.Editor, run db.RunInfo, learned func(), seen func(traffic.Attribution, *traffic.Request), unrecorded func(*db.Judgement)) (changed int, err error) {
	t, _, err := learn(&e.Reader, run, func(*tagger.Tagger, *traffic.Request) { learned() })
	if err != nil {
		return 0, err
	}
	log, err := readLog(&e.Reader, &run)
	if err == nil && log.known {
		err = log.learnObjects(&e.Reader, run.ID, t)
	}
	if err != nil {
		return 0, fmt.Errorf("read audit log: %w", err)
	}
	changed, err = e.Retag(run.ID, func(v *db.Evidence) traffic.Attribution {
		was := v.Request.Attribution
		v.Request.Attribution = t.Attribute(&v.Request, v.Process)
		seen(was, &v.Request)
		a := v.Request.Attribution
		v.Request.Attribution = was
		return a
	})
	if err == nil && log.known {
		err = log.judge(e, run.ID, t, unrecorded)
	}
	return changed, err
}

// learn returns a tagger that knows all of a run but for its audit log, and the run's specs. It calls learned with each request.
func learn(r *db.Reader, run db.RunInfo, learned func(*tagger.Tagger, *traffic.Request)) (*tagger.Tagger, []*traffic.Spec, error) {
	t, err := newTagger(&run)
	if err != nil {
		return nil, nil, err
	}
	_, specs, err := r.Known(run.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("read specs: %w", err)
	}
	for _, s := range specs {
		t.Spec(s)
	}
	err = r.EachRequest(run.ID, func(v *db.Evidence) error {
		t.Learn(&v.Request, v.Process)
		learned(t, &v.Request)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read requests: %w", err)
	}
	t.Seal()
	return t, specs, nil
}

func newTagger(run *db.RunInfo) (*tagger.Tagger, error) {
	if run.Uncertainty > 0 {
		return tagger.NewCorrelated(run.Pattern, run.Uncertainty)
	}
	return tagger.New(run.Pattern)
}
