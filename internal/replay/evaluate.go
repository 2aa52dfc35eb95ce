package replay

import (
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

// alone are the sources that an evaluation asks one by one.
var alone = [...]traffic.Source{traffic.SourceEnvironment, traffic.SourceProcess, traffic.SourceNamespace, traffic.SourceOutput}

// EvaluatedNames lists what an evaluation compares, in the order of its scores.
func EvaluatedNames() []string {
	var names []string
	for _, s := range alone {
		names = append(names, s.String())
	}
	return append(names, AllSources, LastStarted)
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
// test in its User-Agent and another in its header is left out.
//
// A worker's requests stand for those of its children, which have no name to compare with. What an evaluation cannot see is
// whether those are found as well: they may come when none of the worker's own does.
func Evaluate(r *db.Reader, run db.RunInfo, wrong func(*Mistake) error) (scores []Score, err error) {
	err = r.Snapshot(func() error {
		firsts := map[string]time.Time{}
		t, specs, err := learn(r, run, func(t *tagger.Tagger, q *traffic.Request) {
			_, test := t.Named(&q.Client)
			if _, known := firsts[test]; !known && test != "" {
				firsts[test] = q.Start
			}
		})
		if err != nil {
			return err
		}
		scores, err = evaluate(t, newWindow(specs, firsts), func(do func(*db.Evidence) error) error { return r.EachRequest(run.ID, do) }, wrong)
		return err
	})
	return scores, err
}

// evaluate does it with a tagger that knows the whole run, whose requests each tells.
func evaluate(t *tagger.Tagger, w *window, each func(func(*db.Evidence) error) error, wrong func(*Mistake) error) ([]Score, error) {
	names := EvaluatedNames()
	scores := make([]Score, len(names))
	for i, name := range names {
		scores[i].Name = name
	}
	var said [len(alone) + 2]string
	err := each(func(v *db.Evidence) error {
		header, is := t.Named(&v.Request.Client)
		if is == "" || header != "" && header != is {
			return nil
		}
		votes := t.Votes(&v.Request, v.Process, true)
		for i, source := range alone {
			said[i] = votes.Of(source)
		}
		said[len(alone)] = votes.Decide().Test
		said[len(alone)+1] = w.test(&v.Request, is)
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
