package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/replay"
)

const evaluateLong = `evaluate measures how far the ways to find a request's test can be trusted. It takes the requests
whose User-Agent names their test, hides the name, and lets each source say which test it was:
the environment of the client's process, the spec that the process was running, the namespace,
the command's output, and all of them together, as for requests that name none. Nothing counts
that was learned from the request itself. For comparison, last-started says what one would say who
knows only when specs begin: the test of the spec that began last anywhere in the run.

  source       environment, process, service-account, namespace, object, output, time-window (see
               "report --help"), all, last-started; those that say nothing at all are left out
  requests     those that name their test
  right        the source says the hidden name
  wrong        it says another one
  unknown      it says nothing
  precision    right / (right + wrong), in per cent; null if it says nothing
  recall       right / requests, in per cent; 100 only if all are right, as above

What it does not measure: requests of the process that runs the specs stand for those of its
children, which have no name that could be compared. A child's requests may be easier to find
(its start tells its spec) or harder (they come when the spec's own have ended). And what the
headers say is taken for the truth. Where nothing tells when specs begin, their first requests
do; for these themselves last-started then says nothing.

--against FILE measures by another recording instead, without hiding names: a run that "report
correlate" made from an audit log, for instance, by what a proxy recorded of the same requests. They
are found by their audit IDs; those that the other recording gives to no test do not count. Record
that with --tag-upstream=false, or the log names tests which the proxy has found.

--wrong lists the wrong answers instead, --wrong SOURCE those of one source: id, run, time, source,
said, is, verb, resource, namespace, pid.`

const evaluateExamples = `  report evaluate
  report evaluate --run all -o json
  report evaluate --wrong process
  report evaluate --db correlated.db --against recorded.db`

// anySource is the value of --wrong that has none.
const anySource = "any"

func newEvaluate(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "evaluate [--wrong [SOURCE]]", Short: "Measure how far the sources of tests can be trusted", Long: evaluateLong, Example: evaluateExamples,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			ask := func() (render.Format, error) { return o.evaluating(args) }
			return opened(cmd, ask, o.open, func(r *db.Reader, format render.Format) error {
				measure, done, err := o.measure(r, cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				return errors.Join(o.evaluate(r, measure, format, cmd.OutOrStdout(), cmd.ErrOrStderr()), done())
			})
		},
	}
	o.addRun(cmd, "the run: its name, latest, or all")
	o.addPattern(cmd)
	cmd.Flags().StringVar(&o.against, "against", "", "measure by what this run says of the same requests: FILE, FILE:RUN, or a run of --db")
	cmd.Flags().StringVar(&o.wrong, "wrong", "", "list the wrong answers, of this source or of any")
	cmd.Flags().Lookup("wrong").NoOptDefVal = anySource
	return cmd
}

// evaluating checks the flags. The value of --wrong may be an argument of its own, as people expect.
func (o *options) evaluating(args []string) (render.Format, error) {
	switch {
	case len(args) == 0:
	case o.wrong == anySource:
		o.wrong = args[0]
	default:
		return "", fmt.Errorf("argument %q: want none", args[0])
	}
	if names := append(replay.EvaluatedNames(), anySource); o.wrong != "" && !slices.Contains(names, o.wrong) {
		return "", fmt.Errorf("--wrong %q: want one of %s", o.wrong, strings.Join(names, ", "))
	}
	return o.changing()
}

const nothingToEvaluate = "no User-Agent names a test"

// measure is how runs are evaluated; tick is called twice for each request.
type measure func(run db.RunInfo, tick func(), wrong func(*replay.Mistake) error) ([]replay.Score, error)

// measure returns how runs of a recording are evaluated; done is to be called when they are.
func (o *options) measure(r *db.Reader, stderr io.Writer) (m measure, done func() error, err error) {
	if o.against == "" {
		return func(run db.RunInfo, tick func(), wrong func(*replay.Mistake) error) ([]replay.Score, error) {
			return replay.Evaluate(r, run, tick, wrong)
		}, func() error { return nil }, nil
	}
	truth, of, err := o.openRun(o.against, stderr)
	if err != nil {
		return nil, nil, fmt.Errorf("--against %w", err)
	}
	return func(run db.RunInfo, tick func(), wrong func(*replay.Mistake) error) ([]replay.Score, error) {
		return replay.Against(r, run, truth, of, tick, wrong)
	}, truth.Close, nil
}

func (o *options) evaluate(r *db.Reader, m measure, format render.Format, stdout, stderr io.Writer) error {
	runs, err := o.chosenRuns(r)
	if err != nil {
		return err
	}
	if o.wrong != "" {
		return write(stdout, stderr, format, o.mistakes(m, runs, stderr), "no wrong answers")
	}
	var sum []replay.Score
	for i := range runs {
		p := evaluationProgress(stderr, &runs[i])
		scores, err := m(o.replayed(runs[i]), p.tick, func(*replay.Mistake) error { return nil })
		p.end()
		if err != nil {
			return err
		}
		sum = addScores(sum, scores)
	}
	if len(sum) == 0 || sum[0].Requests == 0 {
		sum = nil
	}
	sum = slices.DeleteFunc(sum, func(s replay.Score) bool { return s.Right+s.Wrong == 0 && s.Name != replay.AllSources })
	return write(stdout, stderr, format, render.Table{Columns: scoreColumns, Rows: rowsOf(sum, scoreRow)}, nothingToEvaluate)
}

func evaluationProgress(stderr io.Writer, run *db.RunInfo) *progress {
	return newProgress(stderr, fmt.Sprintf("evaluating the %d requests of %s", run.Requests, run.Name), 2*run.Requests)
}

// addScores adds up what several runs have, source by source.
func addScores(sum, scores []replay.Score) []replay.Score {
	if sum == nil {
		return scores
	}
	for i, s := range scores {
		sum[i].Requests += s.Requests
		sum[i].Right += s.Right
		sum[i].Wrong += s.Wrong
	}
	return sum
}

var scoreColumns = []render.Column{
	{Name: "source", Title: "SOURCE"},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "right", Title: "RIGHT", Kind: render.Count},
	{Name: "wrong", Title: "WRONG", Kind: render.Count},
	{Name: "unknown", Title: "UNKNOWN", Kind: render.Count},
	{Name: "precision", Title: "PRECISION", Kind: render.Percent},
	{Name: "recall", Title: "RECALL", Kind: render.Percent},
}

func scoreRow(s *replay.Score) []any {
	percent := func(p float64, ok bool) any {
		if !ok {
			return nil
		}
		return p
	}
	return []any{
		s.Name, int64(s.Requests), int64(s.Right), int64(s.Wrong), int64(s.Unknown()), percent(s.Precision()), percent(s.Recall()),
	}
}

var mistakeColumns = []render.Column{
	{Name: "id", Kind: render.Count},
	{Name: "run"},
	{Name: "time", Title: "TIME", Kind: render.Time},
	{Name: "source", Title: "SOURCE"},
	{Name: "said", Title: "SAID"},
	{Name: "is", Title: "IS"},
	{Name: "verb", Title: "VERB"},
	{Name: "resource", Title: "RESOURCE", Empty: "(none)"},
	{Name: "namespace", Title: "NAMESPACE", Empty: "(none)"},
	{Name: "pid", Title: "PID", Kind: render.Count},
}

// mistakes are the wrong answers of the source that --wrong names, or of any. Progress ends with the first, which may go to the same
// terminal.
func (o *options) mistakes(m measure, runs []db.RunInfo, stderr io.Writer) render.Table {
	return render.Table{Columns: mistakeColumns, Rows: func(yield func([]any, error) bool) {
		for i := range runs {
			p := evaluationProgress(stderr, &runs[i])
			end := sync.OnceFunc(p.end)
			_, err := m(o.replayed(runs[i]), p.tick, func(m *replay.Mistake) error {
				if o.wrong != anySource && o.wrong != m.Name {
					return nil
				}
				if end(); !yield(mistakeRow(runs[i].Name, m), nil) {
					return errStop
				}
				return nil
			})
			end()
			if errors.Is(err, errStop) || err != nil && !yield(nil, err) {
				return
			}
		}
	}}
}

func mistakeRow(run string, m *replay.Mistake) []any {
	q := &m.Evidence.Request
	var pid any
	if p := m.Evidence.Process; p != nil {
		pid = int64(p.PID)
	}
	return []any{
		q.ID, run, q.Start, m.Name, m.Said, m.Is, q.API.Verb, strings.TrimSuffix(q.API.Resource+"/"+q.API.Subresource, "/"), q.API.Namespace, pid,
	}
}
