package replay

import (
	"slices"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

// Names of what an evaluation compares, beside those of sources.
const (
	AllSources  = "all"          // what the sources make of it together
	LastStarted = "last-started" // the spec that began last anywhere in the run: no source of ours, for comparison
)

// EvaluatedNames lists what an evaluation compares, in the order of its scores. Those of Evaluate have neither header nor User-Agent.
func EvaluatedNames() []string { return namesOf(traffic.Sources()) }

func namesOf(alone []traffic.Source) []string {
	var names []string
	for _, s := range alone {
		names = append(names, s.String())
	}
	return append(names, AllSources, LastStarted)
}

// unnamed are the sources that need no name in a request's headers.
func unnamed() []traffic.Source {
	return slices.DeleteFunc(traffic.Sources(), func(s traffic.Source) bool {
		return s == traffic.SourceHeader || s == traffic.SourceUserAgent
	})
}

// Score counts how often a source was right.
type Score struct {
	Name         string // one of EvaluatedNames
	Requests     int    // that name their test
	Right, Wrong int    // for the others it says nothing
}

// Unknown counts the requests of which the source says nothing.
func (s *Score) Unknown() int { return s.Requests - s.Right - s.Wrong }

// Precision is the part of what the source says that is right, in per cent; ok is false if it says nothing.
func (s *Score) Precision() (percent float64, ok bool) { return percentage(s.Right, s.Right+s.Wrong) }

// Recall is the part of the requests of which the source says what is right, in per cent; ok is false if there are none.
func (s *Score) Recall() (percent float64, ok bool) { return percentage(s.Right, s.Requests) }

// percentage is good to two decimals, but 100 only if all are right.
func percentage(right, of int) (percent float64, ok bool) {
	if of == 0 {
		return 0, false
	}
	hundredths := (int64(right)*20_000 + int64(of)) / (2 * int64(of))
	if right < of {
		hundredths = min(hundredths, 9_999)
	}
	return float64(hundredths) / 100, true
}

// Mistake is a wrong answer. Evidence is valid until the call that gets it returns.
type Mistake struct {
	Name     string // of the source
	Said, Is string // tests
	Evidence *db.Evidence
}

// Evaluate measures how far a run's sources can be trusted: it hides the names in the User-Agents and counts how often each source
// finds them again. wrong is called with every wrong answer; an error of its ends the evaluation. A request that names one
// test in its User-Agent and another in its header is left out. tick is called twice for each request, once as it learns from it.
//
// A worker's requests stand for those of its children, which have no name to compare with. What an evaluation cannot see is
// whether those are found as well: they may come when none of the worker's own does.
func Evaluate(r *db.Reader, run db.RunInfo, tick func(), wrong func(*Mistake) error) (scores []Score, err error) {
	err = r.Snapshot(func() error {
		k, window, err := learnWindow(r, run, tick)
		if err != nil {
			return err
		}
		e := evaluation{alone: unnamed(), tagger: k.tagger, window: window, hidden: true, truth: func(q *traffic.Request) string {
			header, is := k.tagger.Named(&q.Client)
			if header != "" && header != is {
				return ""
			}
			return is
		}}
		scores, err = e.run(r, run.ID, tick, wrong)
		return err
	})
	return scores, err
}

// Against measures a run's sources by what another recording says of the same requests, which it finds by their audit IDs: those of a
// run that was made from an audit log by those of its recording. Requests that the other one gives to no test do not count; those
// that the run does not have are unknown. tick is as in [Evaluate].
func Against(r *db.Reader, run db.RunInfo, truth *db.Reader, of db.RunInfo, tick func(), wrong func(*Mistake) error) (scores []Score, err error) {
	is, total, err := sameRequests(r, run.ID, truth, of.ID)
	if err != nil {
		return nil, err
	}
	err = r.Snapshot(func() error {
		k, window, err := learnWindow(r, run, tick)
		if err != nil {
			return err
		}
		e := evaluation{
			alone: traffic.Sources(), tagger: k.tagger, window: window,
			truth: func(q *traffic.Request) string { return is[q.ID] },
		}
		scores, err = e.run(r, run.ID, tick, wrong)
		return err
	})
	for i := range scores {
		scores[i].Requests = total
	}
	return scores, err
}

// learnWindow learns all of a run, and the window of when its specs began.
func learnWindow(r *db.Reader, run db.RunInfo, tick func()) (*knowledge, *window, error) {
	firsts := map[string]time.Time{} // when the first request came that names a test, by test
	k, err := learn(r, run, func(t *tagger.Tagger, q *traffic.Request) {
		tick()
		_, test := t.Named(&q.Client)
		if _, known := firsts[test]; !known && test != "" {
			firsts[test] = q.Start
		}
	})
	if err != nil {
		return nil, nil, err
	}
	return k, newWindow(k.specs, firsts), nil
}

// sameRequests returns the tests that a recording gives to the requests of another one's run, by their IDs there, and how many it
// gives to any test.
func sameRequests(r *db.Reader, run int64, truth *db.Reader, of int64) (tests map[int64]string, total int, err error) {
	byAudit := map[string]string{}
	err = truth.EachPair(of, func(p *db.Pair) error {
		if p.Request.Test != "" && p.Request.AuditID != "" {
			byAudit[p.Request.AuditID] = p.Request.Test
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	tests = map[int64]string{}
	err = r.EachPair(run, func(p *db.Pair) error {
		if test := byAudit[p.Request.AuditID]; test != "" {
			tests[p.Request.ID] = test
		}
		return nil
	})
	return tests, len(byAudit), err
}

// evaluation asks sources, by a tagger that knows the whole run, for the tests of requests of which the truth is known.
type evaluation struct {
	alone  []traffic.Source // to ask one by one
	tagger *tagger.Tagger
	window *window
	hidden bool                            // see tagger.Votes
	truth  func(q *traffic.Request) string // "" if it is not known
}

func (e *evaluation) run(r *db.Reader, run int64, tick func(), wrong func(*Mistake) error) ([]Score, error) {
	names := namesOf(e.alone)
	scores, said := make([]Score, len(names)), make([]string, len(names))
	for i, name := range names {
		scores[i].Name = name
	}
	err := r.EachRequest(run, func(v *db.Evidence) error {
		tick()
		is := e.truth(&v.Request)
		if is == "" {
			return nil
		}
		votes := e.tagger.Votes(&v.Request, v.Process, e.hidden)
		for i, source := range e.alone {
			said[i] = votes.Of(source)
		}
		said[len(e.alone)] = votes.Decide().Test
		said[len(e.alone)+1] = e.window.test(&v.Request, is)
		for i := range scores {
			if err := scores[i].count(said[i], is, v, wrong); err != nil {
				return err
			}
		}
		return nil
	})
	return scores, err
}

func (s *Score) count(said, is string, v *db.Evidence, wrong func(*Mistake) error) error {
	s.Requests++
	switch said {
	case "":
	case is:
		s.Right++
	default:
		s.Wrong++
		return wrong(&Mistake{Name: s.Name, Said: said, Is: is, Evidence: v})
	}
	return nil
}
