package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
)

func newRunCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "run [flags] -- COMMAND [ARGS...]",
		Short: "Run a command and record its API requests",
		Long: `run starts the proxy, runs COMMAND with a kubeconfig that points at it, and ends with COMMAND's exit code.

COMMAND finds the kubeconfig in KUBECONFIG; in its arguments {kubeconfig} stands for the file and {server} for the
proxy's URL. Input, output and signals are COMMAND's own. A request belongs to the test that its E2e-Test header names,
or its User-Agent after the first " -- "; one that names none is recorded without a test.

A program that is told another server (e2e.test --host, kubectl --server) goes around the proxy.

Exit codes: COMMAND's own; if that is 0 but something was not recorded, 3. 1: the run could not begin or was ended by
--on-record-error=fail. 2: wrong usage. 126, 127: COMMAND cannot be started, does not exist.`,
		Example: `  proxy run -- e2e.test --provider=skeleton --ginkgo.focus='ConfigMap should run through a ConfigMap lifecycle'
  proxy run --db ci.db --run-name pr-123 -- ginkgo --procs=4 e2e.test -- --provider=skeleton
  proxy run --context kind-dev -- go test ./test/e2e/... -kubeconfig={kubeconfig}
  proxy run --mode=proxy-url -- kubectl get pods -A`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("no command given, want proxy run [flags] -- COMMAND [ARGS...]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runCommand(cmd, o, args) },
	}
	o.register(cmd)
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func runCommand(cmd *cobra.Command, o options, args []string) error {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, forwarded...)
	defer signal.Stop(signals)

	s, err := open(cmd.Context(), o, args, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	status := newStatusLine(cmd.ErrOrStderr(), s.ledger)
	child := &child{
		args: fill(args, s.kubeconfig(), s.gateway.Server()), kubeconfig: s.kubeconfig(),
		stdin: cmd.InOrStdin(), stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(),
	}
	code, runErr := child.run(signals, s)
	status.close()
	closeErr := s.close(code)
	s.summary()
	return runResult(code, runErr, closeErr, s.ledger.rec.Lost())
}

// runResult decides the exit code: an error of the run itself, else the command's, else 3 if the recording is not whole.
func runResult(code int, runErr, closeErr error, lost int64) error {
	switch {
	case runErr != nil:
		return &cli.ExitError{Code: code, Err: errors.Join(runErr, closeErr)}
	case code != 0:
		return &cli.ExitError{Code: code, Err: closeErr}
	case closeErr != nil || lost > 0:
		return &cli.ExitError{Code: cli.ExitIncomplete, Err: closeErr}
	}
	return nil
}

// fill replaces the placeholders in the command's arguments.
func fill(args []string, kubeconfig, server string) []string {
	replacer := strings.NewReplacer("{kubeconfig}", kubeconfig, "{server}", server)
	filled := make([]string, len(args))
	for i, arg := range args {
		filled[i] = replacer.Replace(arg)
	}
	return filled
}

// forwarded are the signals that are COMMAND's to handle.
var forwarded = []os.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
}

// summary tells on stderr what was recorded and what to type next.
func (s *session) summary() { writeSummary(s.stderr, s.ledger.counts(), s) }

func writeSummary(w io.Writer, c counts, s *session) {
	p := func(format string, args ...any) { fmt.Fprintf(w, "e2etap: "+format+"\n", args...) }
	p("recorded %s of %s in %s", plural(c.requests, "request"), plural(c.tests, "test"), since(s.started))
	if c.untested > 0 {
		p("%s without a test, because neither an E2e-Test header nor the User-Agent names one: %s",
			plural(c.untested, "request"), strings.Join(c.programs, ", "))
	}
	if cut := cutOff(c.outcomes); cut != "" {
		p("not completed: %s", cut)
	}
	if lost := s.ledger.rec.Lost(); lost > 0 {
		p("NOT RECORDED: %s", plural(lost, "row"))
	}
	p("recording %s, %s; next: report --by-test --db %s --run %s", s.options.db, s.ledger.rec.RunName(),
		shellQuote(s.options.db), shellQuote(s.ledger.rec.RunName()))
}
