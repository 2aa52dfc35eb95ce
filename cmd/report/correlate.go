package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
	"e2etap/internal/correlate"
	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/replay"
	"e2etap/internal/spec"
	"e2etap/internal/traffic"
)

const correlateLong = `correlate makes a run from an audit log of the API server and what the tests left behind, for runs
that did not go through the proxy. It needs the log (--audit), and best the times of the specs:

  --results FILE   ginkgo's JSON report, or another file that "report import-results" takes
  --e2e-log FILE   the tests' captured output, with the times that its lines have; also the
                   predecessor's JSON lines
  --run NAME       a run of "proxy spy", which has its specs already; the latest if it has no
                   requests and nothing else is given

Without any of these, marks in the log tell of them ("proxy run --forward-marks").

The run has the requests of the tests' own clients: the users that sent requests which name a test,
from the addresses that these came from, with programs that name tests, kubectl, and programs that
never work while no spec runs. If no request names a test, they are those of all users but the
cluster's components. A request's test is the one that its User-Agent names; else the one that
created its namespace or its object; else, as time-window, the only spec that was running, if that
is certain at its time. What is not certain has no test, and the table says why.
What came more than 10 minutes before the first spec or after the last is left out, and counted.
What controllers and pods did on behalf of tests is not of the run: see
report --by-test --include audit.

--clock-skew is how far the API server's clock is ahead of the specs'. "auto" finds it from the
tests that requests name: it is the one with which most of them ran when their requests came. Also
whole hours are found, of logs in another time zone.

  role         test for requests of the run, and as in "report --help" for others of its time
  source       what named their tests
  why          why there is none
  requests     how many

Times of the run are the specs'. Exit codes: 0 done, 1 failure (what was imported stays), 2 wrong
usage.`

const correlateExamples = `  report correlate --db past.db --audit audit.log --results report.json
  report correlate --db past.db --audit artifacts/audit/ --e2e-log build-log.txt
  proxy spy -- e2e.test -ginkgo.v && report correlate --audit audit.log`

// correlation are the flags of correlate.
type correlation struct {
	audit, results []string
	e2eLog         string
	skew, name     string
}

const autoSkew = "auto"

func newCorrelate(o *options) *cobra.Command {
	var c correlation
	cmd := &cobra.Command{
		Use: "correlate --audit FILE...", Short: "Make a run from an audit log", Long: correlateLong, Example: correlateExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			format, err := o.changing()
			var skew *time.Duration
			if err == nil {
				skew, err = c.check(cmd.Flags().Changed("run"))
			}
			if err != nil {
				return cli.UsageError(err)
			}
			return o.correlate(cmd, &c, skew, format)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&c.audit, "audit", nil, "audit log, or folder of such; can be given again")
	f.StringArrayVar(&c.results, "results", nil, "file of results; can be given again")
	f.StringVar(&c.e2eLog, "e2e-log", "", "captured output of the tests")
	f.StringVar(&c.skew, "clock-skew", autoSkew, "how far the API server's clock is ahead of the specs': auto, or a duration such as -1.5s")
	f.StringVar(&c.name, "run-name", "", "name of the new run (default: run-1, run-2, …)")
	o.addRun(cmd, `the run of "proxy spy" to complete: its name, or latest`)
	o.addPattern(cmd)
	return cmd
}

func (c *correlation) check(runGiven bool) (skew *time.Duration, err error) {
	if len(c.audit) == 0 {
		return nil, errors.New("no --audit FILE is given: want the API server's audit log")
	}
	if runGiven && c.makesRun() {
		return nil, errors.New("--run is for a run that has its specs: want it without --e2e-log, --results and --run-name")
	}
	if c.skew == autoSkew {
		return nil, nil
	}
	d, err := time.ParseDuration(c.skew)
	if err != nil {
		return nil, fmt.Errorf("--clock-skew %q: want auto, or a duration, such as 250ms or -1h", c.skew)
	}
	return &d, nil
}

// findFiles looks for the files before anything is made of them.
func (c *correlation) findFiles() error {
	for _, file := range slices.Concat(c.audit, c.results, []string{c.e2eLog}) {
		if file == "" || file == "-" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("correlate: %w", err)
		}
	}
	return nil
}

// makesRun tells whether what is given is of a new run.
func (c *correlation) makesRun() bool { return c.e2eLog != "" || len(c.results) > 0 || c.name != "" }

func (o *options) correlate(cmd *cobra.Command, c *correlation, skew *time.Duration, format render.Format) error {
	if err := c.findFiles(); err != nil {
		return err
	}
	name, made, err := o.runFor(c, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	e, err := o.edit(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	changes, err := o.correlateRun(cmd, e, c, name, made, skew)
	if err = errors.Join(err, e.Close()); err != nil {
		return err
	}
	return write(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, table(correlateColumns, verdictRows(&changes)), "the audit log has no requests of "+name)
}

// runFor returns the run to complete, which it makes unless it is one of "proxy spy".
func (o *options) runFor(c *correlation, stderr io.Writer) (name string, made bool, err error) {
	if _, err := os.Stat(o.db); err == nil && !c.makesRun() {
		r, err := o.open(stderr)
		if err != nil {
			return "", false, err
		}
		run, err := r.Run(o.run)
		if err == nil && run.Requests > 0 {
			err = fmt.Errorf("correlate: %s of %s has requests already\nhint: pass --e2e-log or --results of another run, or --run with one of \"proxy spy\"", run.Name, o.db)
		}
		return run.Name, false, errors.Join(err, r.Close())
	}
	now := time.Now()
	rec, err := db.Create(o.db, traffic.Run{Name: c.name, Start: now, ToolVersion: cli.Version(), Pattern: o.pattern}, db.Options{})
	if err != nil {
		return "", false, err
	}
	return rec.RunName(), true, rec.Close(traffic.RunEnd{End: now})
}

func (o *options) correlateRun(cmd *cobra.Command, e *db.Editor, c *correlation, name string, made bool, skew *time.Duration) (replay.Changes, error) {
	i := auditImport{stdin: cmd.InOrStdin(), stderr: cmd.ErrOrStderr()}
	if err := i.run(e, c.audit); err != nil {
		return replay.Changes{}, err
	}
	run, err := e.Run(name)
	if err == nil && made {
		err = c.addSpecs(e, run, cmd)
	}
	if err != nil {
		return replay.Changes{}, err
	}
	p := newProgress(cmd.ErrOrStderr(), "finding the requests of "+name, 0)
	result, err := correlate.Run(e, o.replayed(run), skew, !made)
	p.end()
	if err != nil {
		return replay.Changes{}, err
	}
	tell(cmd.ErrOrStderr(), &result, skew)
	if run, err = e.Run(name); err != nil {
		return replay.Changes{}, err
	}
	return o.retagRun(e, &run, cmd.ErrOrStderr())
}

// addSpecs gives a new run the specs of its log and results.
func (c *correlation) addSpecs(e *db.Editor, run db.RunInfo, cmd *cobra.Command) error {
	if c.e2eLog != "" {
		first, _, err := e.AuditSpan()
		if err != nil {
			return err
		}
		specs, err := readLog(c.e2eLog, cmd.InOrStdin(), first)
		lastWhole(specs)
		if err == nil {
			err = e.ReplaceSpecs(run.ID, nil, specs)
		}
		if err != nil {
			return err
		}
	}
	for _, file := range c.results {
		specs, err := replay.ReadFile(file, cmd.InOrStdin())
		if err == nil {
			_, err = replay.Import(e, db.RunInfo{ID: run.ID, Run: traffic.Run{Name: run.Name}}, file, specs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readLog reads captured output; near is a time of the run.
func readLog(file string, stdin io.Reader, near time.Time) ([]traffic.Spec, error) {
	if file == "-" {
		return spec.ReadLog(stdin, "standard input", spec.Clock{Near: near})
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open e2e log: %w", err)
	}
	defer f.Close()
	return spec.ReadLog(f, file, spec.Clock{Near: near})
}

// lastWhole has specs end with what they printed as their duration: their last request, which deletes a namespace, is sent after
// the last line that has a time.
func lastWhole(specs []traffic.Spec) {
	for i := range specs {
		s := &specs[i]
		if end := s.Start.Add(s.Duration); !s.Start.IsZero() && end.After(s.End) {
			s.End = end
		}
	}
}

// tell says how the clocks were compared.
func tell(stderr io.Writer, r *correlate.Result, skew *time.Duration) {
	if r.Unnamed {
		fmt.Fprintln(stderr, "report: no request names a test: the requests of all users are taken that are no components of the cluster")
	}
	switch c := r.Clock; {
	case skew != nil, c.Same:
	case c.Tests == 0:
		fmt.Fprintf(stderr, "report: nothing tells how the clocks differ: they are taken for equal, give or take %v\nhint: pass --clock-skew\n", c.Uncertainty)
	default:
		fmt.Fprintf(stderr, "report: %s, give or take %v: so say %d of %d tests that requests name\n",
			clocksText(c.Skew), c.Uncertainty.Round(clockDigits), c.Agree, c.Tests)
	}
	if r.Outside > 0 {
		fmt.Fprintf(stderr, "report: %d requests of the tests' clients are left out: they came more than %v before the first spec or after the last\n",
			r.Outside, correlate.Around)
	}
}

// clockDigits is how exactly clocks are compared in words.
const clockDigits = 100 * time.Microsecond

// clocksText says how far the API server's clock is ahead of the specs'.
func clocksText(skew time.Duration) string {
	switch apart := skew.Abs().Round(clockDigits); {
	case apart == 0:
		return "the clocks agree"
	case skew < 0:
		return fmt.Sprintf("the API server's clock is %v behind", apart)
	default:
		return fmt.Sprintf("the API server's clock is %v ahead", apart)
	}
}

var correlateColumns = []render.Column{
	{Name: "role", Title: "ROLE"},
	{Name: "source", Title: "SOURCE"},
	{Name: "why", Title: "WHY", Empty: "-"},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
}

// verdictRows are the requests of the run first, then those that only the audit log has.
func verdictRows(c *replay.Changes) (rows [][]any) {
	for _, counts := range []map[replay.Verdict]int{c.Verdicts, c.Unrecorded} {
		keys := slices.SortedFunc(maps.Keys(counts), func(a, b replay.Verdict) int {
			return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Why, b.Why), cmp.Compare(counts[b], counts[a]), cmp.Compare(a.Source, b.Source))
		})
		for _, k := range keys {
			rows = append(rows, []any{k.Role.String(), k.Source.String(), k.Why.String(), int64(counts[k])})
		}
	}
	return rows
}
