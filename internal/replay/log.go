package replay

import (
	"slices"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

// auditLog is what of an imported audit log is of a run's time.
type auditLog struct {
	known    bool          // there is such a log
	skew     time.Duration // how far the API server's clock is ahead of the run's
	from, to time.Time     // of the run, by the API server's clock
}

const (
	// margin is how far around a run the log's requests are looked at while the clocks' difference is not known.
	margin = time.Second
	// afterwards is how long after a run's end what is done on behalf of its tests still counts: their namespaces are deleted.
	afterwards = time.Minute
)

// readLog finds the part of the audit log that is of a run.
func readLog(r *db.Reader, run *db.RunInfo) (l auditLog, err error) {
	first, last, err := r.AuditSpan()
	if err != nil || first.IsZero() {
		return l, err
	}
	skew, known, err := r.AuditSkew(run.ID)
	if err != nil {
		return l, err
	}
	around := margin
	if known {
		around = 0
	}
	l.skew, l.from = skew, run.Start.Add(skew-around)
	if !run.End.IsZero() {
		l.to = run.End.Add(skew + around)
	}
	l.known = !last.Before(l.from) && (l.to.IsZero() || !first.After(l.to))
	return l, nil
}

// end is zero if the run has none.
func (l *auditLog) end() time.Time {
	if l.to.IsZero() {
		return l.to
	}
	return l.to.Add(afterwards)
}

// made is an object that a request created.
type made struct {
	api  traffic.API
	test string // of the request; "" for none
	at   time.Time
}

// learnObjects tells the tagger, which knows all else of a run, what objects were created in its time. The log knows the names of new
// objects, which requests have in their bodies.
func (l *auditLog) learnObjects(r *db.Reader, run int64, t *tagger.Tagger) error {
	all, err := createdBy(r, run, t)
	if err != nil {
		return err
	}
	err = r.EachUnrecorded(l.from, l.to, func(a *traffic.Audit) error {
		if creates(&a.API, a.Status) {
			_, test := t.Named(&traffic.Client{UserAgent: a.UserAgent})
			all = append(all, made{a.API, test, a.Received.Add(-l.skew)})
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b made) int { return a.at.Compare(b.at) })
	for i := range all {
		t.Created(&all[i].api, all[i].test, all[i].at)
	}
	return err
}

// createdBy is what the requests of a run created. Of which test they are is asked of the tagger, and not read, so that it does not
// depend on what was said of them before.
func createdBy(r *db.Reader, run int64, t *tagger.Tagger) (all []made, err error) {
	objects := map[int64]traffic.API{} // by the request's ID
	err = r.EachPair(run, func(p *db.Pair) error {
		if p.Audit != nil && creates(&p.Audit.API, p.Request.Status) {
			objects[p.Request.ID] = p.Audit.API
		}
		return nil
	})
	if err != nil || len(objects) == 0 {
		return nil, err
	}
	err = r.EachRequest(run, func(v *db.Evidence) error {
		if api, ok := objects[v.Request.ID]; ok {
			all = append(all, made{api, certain(t.Attribute(&v.Request, v.Process)), v.Request.Start})
		}
		return nil
	})
	return all, err
}

// certain is the test of an attribution from which others may follow: not one that is known by time alone.
func certain(a traffic.Attribution) string {
	if a.Source == traffic.SourceOutput || a.Source == traffic.SourceWindow {
		return ""
	}
	return a.Test
}

// creates tells whether a request has created an object: by POST, or by PUT or PATCH of what was not there.
func creates(a *traffic.API, status int) bool {
	return a.Subresource == "" && a.Resource != "" && (status == 201 || a.Verb == "create" && status >= 200 && status < 300)
}

// judge says of what the log alone has what it has to do with a run's tests; seen is called with each. After the run's end only what
// is done on behalf of its tests is its own.
func (l *auditLog) judge(e *db.Editor, run int64, t *tagger.Tagger, seen func(*db.Judgement)) error {
	return e.JudgeAudit(run, l.from, l.end(), func(a *traffic.Audit) (db.Judgement, bool) {
		role, how := t.Audit(a, a.Received.Add(-l.skew))
		if !l.to.IsZero() && a.Received.After(l.to) && role != traffic.RoleBehalf {
			return db.Judgement{}, false
		}
		j := db.Judgement{Role: role, Attribution: how}
		seen(&j)
		return j, true
	})
}
