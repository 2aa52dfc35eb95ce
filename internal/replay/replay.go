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
	k, err := learn(&e.Reader, run, func(*tagger.Tagger, *traffic.Request) { learned() })
	if err != nil {
		return 0, err
	}
	changed, err = e.Retag(run.ID, func(v *db.Evidence) traffic.Attribution {
		was := v.Request.Attribution
		v.Request.Attribution = k.tagger.Attribute(&v.Request, v.Process)
		seen(was, &v.Request)
		a := v.Request.Attribution
		v.Request.Attribution = was
		return a
	})
	if err == nil && k.log.known {
		err = k.log.judge(e, run.ID, k.tagger, unrecorded)
	}
	return changed, err
}

// knowledge is all that a recording knows of a run.
type knowledge struct {
	tagger *tagger.Tagger
	specs  []*traffic.Spec
	log    auditLog
}

// learn learns all of a run. It calls learned with each request.
func learn(r *db.Reader, run db.RunInfo, learned func(*tagger.Tagger, *traffic.Request)) (k *knowledge, err error) {
	k = &knowledge{}
	if k.tagger, err = newTagger(&run); err != nil {
		return nil, err
	}
	if _, k.specs, err = r.Known(run.ID); err != nil {
		return nil, fmt.Errorf("read specs: %w", err)
	}
	for _, s := range k.specs {
		k.tagger.Spec(s)
	}
	err = r.EachRequest(run.ID, func(v *db.Evidence) error {
		k.tagger.Learn(&v.Request, v.Process)
		learned(k.tagger, &v.Request)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	k.tagger.Seal()
	if k.log, err = readLog(r, &run); err == nil && k.log.known {
		err = k.log.learnObjects(r, run.ID, k.tagger)
	}
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return k, nil
}

func newTagger(run *db.RunInfo) (*tagger.Tagger, error) {
	if run.Uncertainty > 0 {
		return tagger.NewCorrelated(run.Pattern, run.Uncertainty)
	}
	return tagger.New(run.Pattern)
}
