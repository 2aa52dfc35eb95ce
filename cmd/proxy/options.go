package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"e2etap/internal/cli"
	"e2etap/internal/tagger"
	"e2etap/internal/upstream"
)

// options are the flags that run and serve share.
type options struct {
	kubeconfig, context string
	db, runName         string
	mode                string
	listening
	pattern             string
	tagUpstream         bool
	forwardMarks        bool
	onRecordError       string
	logLevel, logFormat string
}

const (
	onErrorContinue = "continue"
	onErrorFail     = "fail"
)

func (o *options) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig of the cluster (default: KUBECONFIG, ~/.kube/config, or the pod's service account)")
	f.StringVar(&o.context, "context", "", "context of the kubeconfig (default: its current one)")
	f.StringVar(&o.db, "db", "e2e.db", "file to record into; it may hold other runs already")
	f.StringVar(&o.runName, "run-name", "", "name of this run in the recording (default: run-1, run-2, …)")
	f.StringVar(&o.mode, "mode", string(upstream.ModeServer), `how clients reach the proxy: "server" (the kubeconfig's server is the proxy) or "proxy-url" (server and user stay as they are)`)
	o.listening.register(f)
	f.StringVar(&o.pattern, "user-agent-pattern", tagger.DefaultPattern, "regular expression whose one group is the test's name in a User-Agent")
	f.BoolVar(&o.tagUpstream, "tag-upstream", true, "append the test to the User-Agent of requests that do not name theirs, for the API server's audit log")
	f.BoolVar(&o.forwardMarks, "forward-marks", false, "send scripts' marks to the API server too, as GET /e2e/mark?test=NAME, for its audit log")
	f.StringVar(&o.onRecordError, "on-record-error", onErrorContinue, `when a request cannot be recorded: "continue" forwarding and exit with 3, or "fail" at once`)
	f.StringVar(&o.logLevel, "log-level", "warn", "debug, info, warn or error")
	f.StringVar(&o.logFormat, "log-format", "text", "text or json")
	for name, values := range map[string][]string{
		"mode":            {string(upstream.ModeServer), string(upstream.ModeProxyURL)},
		"on-record-error": {onErrorContinue, onErrorFail},
		"log-level":       {"debug", "info", "warn", "error"},
		"log-format":      {"text", "json"},
	} {
		complete := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
		if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // a name above is misspelt
		}
	}
}

// check refuses values that no run could begin with.
func (o *options) check() error {
	for _, c := range []struct {
		flag, value string
		want        []string
	}{
		{"mode", o.mode, []string{string(upstream.ModeServer), string(upstream.ModeProxyURL)}},
		{"on-record-error", o.onRecordError, []string{onErrorContinue, onErrorFail}},
		{"log-level", o.logLevel, []string{"debug", "info", "warn", "error"}},
		{"log-format", o.logFormat, []string{"text", "json"}},
	} {
		if !slices.Contains(c.want, c.value) {
			return cli.UsageError(fmt.Errorf("--%s %q: want one of %q", c.flag, c.value, c.want))
		}
	}
	return o.listening.check("whoever connects may send requests to the cluster through this machine")
}

// warnRemote says what --allow-remote exposes.
func (o *options) warnRemote(stderr io.Writer) {
	if o.remote() {
		fmt.Fprintf(stderr, "e2etap: warning: listening on %s: any machine that reaches it can send requests to the cluster from here,\n"+
			"e2etap: anonymously or with credentials of its own; who has the generated kubeconfig acts as you\n", o.listen)
	}
}

// logger writes to stderr, with colour if that is a terminal. check has seen the level.
func (o *options) logger(stderr io.Writer) zerolog.Logger {
	level, _ := zerolog.ParseLevel(o.logLevel)
	out := stderr
	if o.logFormat == "text" {
		out = zerolog.ConsoleWriter{Out: stderr, NoColor: !isTerminal(stderr) || os.Getenv("NO_COLOR") != ""}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
