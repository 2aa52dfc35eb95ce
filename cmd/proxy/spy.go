package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

func newSpyCommand() *cobra.Command {
	var r recording
	cmd := &cobra.Command{
		Use:   "spy [flags] -- COMMAND [ARGS...]",
		Short: "Run a command and record only which test ran when",
		Long: `spy runs COMMAND without a proxy and ends with COMMAND's exit code. It records which specs ran, from when to when and
how they ended, but no request: where the API server writes an audit log, "report correlate" finds their requests there.

COMMAND has the environment that spy has, KUBECONFIG as it is; no kubeconfig is needed. Input and signals are COMMAND's own.
Specs are learned from COMMAND's standard output (ginkgo -v, go test -v or -json, TAP), and from the files of results that
its command line names, which "proxy run" imports as well. Output of parallel processes (ginkgo --procs) tells of a spec only
when it has ended: add --json-report=FILE or --junit-report=FILE there.

Scripts can also mark which test runs now. COMMAND finds E2ETAP_URL in its environment; see "proxy run --help".

  curl -fsS --data-urlencode "test=NAME" "$E2ETAP_URL/e2e/mark"   # begins NAME, ends the one before
  curl -fsS --data-urlencode "test=" "$E2ETAP_URL/e2e/mark"       # ends it

COMMAND's standard output passes through spy as it passes through "proxy run": byte for byte and at once, and standard error
with it if both are one file (2>&1) or one terminal.

Exit codes: COMMAND's own; if that is 0 but something was not recorded, 3. 1: the run could not begin. 2: wrong usage.
126, 127: COMMAND cannot be started, does not exist.`,
		Example: `  proxy spy -- e2e.test --provider=skeleton --ginkgo.v --ginkgo.focus='ConfigMap should run through a ConfigMap lifecycle'
  proxy spy --db ci.db --run-name pr-123 -- ginkgo --procs=4 --json-report=report.json e2e.test -- --provider=skeleton
  proxy spy -- go test -v ./test/e2e/... && report correlate --audit audit.log`,
		Args: wantCommand,
		RunE: func(cmd *cobra.Command, args []string) error { return spyOn(cmd, r, args) },
	}
	r.register(cmd)
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func spyOn(cmd *cobra.Command, r recording, args []string) error {
	if err := findCommand(args[0]); err != nil {
		return err
	}
	signals, stop := catch(forwarded...)
	defer stop()
	s, err := begin(cmd.Context(), func(context.Context) (*spy, error) { return openSpy(r, args, cmd.ErrOrStderr()) }, signals)
	if err != nil {
		return err
	}
	code, runErr := s.attend(cmd, args, []string{"E2ETAP_URL=" + s.marks.URL()}, true, s.ledger.specsLine, signals)
	return s.finish(code, runErr)
}

// spy is a session that sees no requests.
type spy struct{ *session }

// openSpy starts a session for command. On return marks are answered.
func openSpy(r recording, command []string, stderr io.Writer) (*spy, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	tags, err := tagger.New("")
	if err != nil {
		return nil, err
	}
	s := &spy{newSession(r, command, stderr)}
	s.ledger = newLedger(tags, false, func(error) {}) // what is lost is counted, and told at the end
	if err := s.listenForMarks(nil); err != nil {
		return nil, err
	}
	if err := s.record(traffic.Run{}); err != nil {
		return nil, errors.Join(err, s.marks.Close())
	}
	s.serve()
	return s, nil
}

// finish closes the session, writes the summary, and decides the exit code as exit does.
func (s *spy) finish(code int, runErr error) error {
	closeErr := s.close(code)
	counts := s.ledger.specs()
	if closeErr == nil {
		closeErr = s.count(&counts)
	}
	s.say("recorded %s in %s%s", plural(counts.total(), "spec"), since(s.started), counts.outcomes())
	if counts.total() == 0 {
		s.say("neither output nor results told of a spec; ginkgo and go test do with -v")
	}
	s.sayWhere("report correlate --audit FILE")
	return s.exit(code, runErr, closeErr)
}

// count counts anew, with the results that the command has left.
func (s *spy) count(counts *specCounts) error {
	return s.conclude(`"report import-results" adds results of specs`, func(e *db.Editor) error {
		_, specs, err := e.Known(s.ledger.rec.RunID())
		if err != nil {
			return err
		}
		now := specCounts{}
		for _, spec := range specs {
			now.add(spec)
		}
		if s.ledger.rec.Lost() == 0 { // else the recording knows fewer than were seen
			*counts = now
		}
		return nil
	})
}
