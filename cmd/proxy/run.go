package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func newRunCommand() *cobra.Command {
	var o options
	var watchOutput bool
	cmd := &cobra.Command{
		Use:   "run [flags] -- COMMAND [ARGS...]",
		Short: "Run a command and record its API requests",
		Long: `run starts the proxy, runs COMMAND with a kubeconfig that points at it, and ends with COMMAND's exit code.

COMMAND finds the kubeconfig in KUBECONFIG; in its arguments {kubeconfig} stands for the file and {server} for the
proxy's URL. Input and signals are COMMAND's own. A request belongs to the test that its E2e-Test header names, or its
User-Agent after the first " -- ", or the variable E2E_TEST in the environment of its program (E2E_TEST=NAME kubectl …).
Scripts can also mark which test runs now: all requests of the script and of what it starts then belong to it.

  curl -fsS --data-urlencode "test=NAME" "$E2ETAP_URL/e2e/mark"   # begins NAME, ends the one before
  curl -fsS --data-urlencode "test=" "$E2ETAP_URL/e2e/mark"       # ends it
  setup() { curl -fsS --data-urlencode "test=$BATS_TEST_DESCRIPTION" -d pid=$$ "$E2ETAP_URL/e2e/mark"; }   # bats

COMMAND finds E2ETAP_URL in its environment. A mark is for the process that sends it, or that starts curl or wget to send
it, and for all below that one; with pid=N it is for process N. Functions that may be called in $(…) or a pipe need
"-d pid=$$": those are processes of their own, and $$ is the script's in all of them. A mark is lost when the process
executes another program in its place (exec). Marks are taken by POST and GET.

COMMAND's standard output passes through the proxy, byte for byte and at once, and standard error with it if both are
one file (2>&1) or one terminal. In place of a terminal COMMAND has another one of the same size. Processes that COMMAND
leaves behind do not hold the run: they can write until nothing came for 100 ms, or for a second in all; then they get
SIGPIPE, or an I/O error on a terminal. An interactive shell with job control, and programs that draw the whole screen,
need --watch-output=false: they set up the terminal by their output.

kubectl keeps its cache in a folder of the run, KUBECACHEDIR, unless that is set or --mode=proxy-url: it knows API servers
by their addresses, and the proxy's may have been that of another cluster before.

A program that is told another server (e2e.test --host, kubectl --server) goes around the proxy.

Exit codes: COMMAND's own; if that is 0 but something was not recorded, 3. 1: the run could not begin or was ended by
--on-record-error=fail. 2: wrong usage. 126, 127: COMMAND cannot be started, does not exist.`,
		Example: `  proxy run -- e2e.test --provider=skeleton --ginkgo.focus='ConfigMap should run through a ConfigMap lifecycle'
  proxy run --db ci.db --run-name pr-123 -- ginkgo --procs=4 e2e.test -- --provider=skeleton
  proxy run --ui -- e2e.test --provider=skeleton # and look at the requests as they come
  proxy run --context kind-dev -- go test ./test/e2e/... -kubeconfig={kubeconfig}
  proxy run --mode=proxy-url -- kubectl get pods -A`,
		Args: wantCommand,
		RunE: func(cmd *cobra.Command, args []string) error { return runCommand(cmd, o, watchOutput, args) },
	}
	o.register(cmd)
	cmd.Flags().BoolVar(&watchOutput, "watch-output", true, "let COMMAND's standard output pass through the proxy, unchanged; false: it has the proxy's own")
	cmd.Flags().SetInterspersed(false)
	return cmd
}

// wantCommand refuses an empty command line.
func wantCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no command given, want proxy %s", cmd.Use)
	}
	return nil
}

func runCommand(cmd *cobra.Command, o options, watchOutput bool, args []string) error {
	if err := findCommand(args[0]); err != nil {
		return err
	}
	signals, stop := catch(forwarded...)
	defer stop()
	p, err := begin(cmd.Context(), func(ctx context.Context) (*proxied, error) {
		return openProxied(ctx, o, args, cmd.ErrOrStderr())
	}, signals)
	if err != nil {
		return err
	}
	code, runErr := p.attend(cmd, fill(args, p.kubeconfig(), p.gateway.Server()), p.environment(), watchOutput, p.ledger.requestsLine(), signals)
	return p.finish(code, runErr)
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
