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

// recording are the flags that all who record share.
type recording struct {
	db, runName         string
	logLevel, logFormat string
}

// options are the flags that run and serve share.
type options struct {
	recording
	kubeconfig, context string
	mode                string
	listening
	page
	pattern       string
	tagUpstream   bool
	forwardMarks  bool
	onRecordError string
}

const (
	onErrorContinue = "continue"
	onErrorFail     = "fail"
)

func (r *recording) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.db, "db", "e2e.db", "file to record into; it may hold other runs already")
	f.StringVar(&r.runName, "run-name", "", "name of this run in the recording (default: run-1, run-2, …)")
	f.StringVar(&r.logLevel, "log-level", "warn", "debug, info, warn or error")
	f.StringVar(&r.logFormat, "log-format", "text", "text or json")
	complete(cmd, r.choices())
}

func (o *options) register(cmd *cobra.Command) {
	o.recording.register(cmd)
	f := cmd.Flags()
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig of the cluster (default: KUBECONFIG, ~/.kube/config, or the pod's service account)")
	f.StringVar(&o.context, "context", "", "context of the kubeconfig (default: its current one)")
	f.StringVar(&o.mode, "mode", string(upstream.ModeServer), `how clients reach the proxy: "server" (the kubeconfig's server is the proxy) or "proxy-url" (server and user stay as they are)`)
	o.listening.register(f)
	o.page.register(f)
	f.StringVar(&o.pattern, "user-agent-pattern", tagger.DefaultPattern, "regular expression whose one group is the test's name in a User-Agent")
	f.BoolVar(&o.tagUpstream, "tag-upstream", true, "append the test to the User-Agent of requests that do not name theirs, for the API server's audit log")
	f.BoolVar(&o.forwardMarks, "forward-marks", false, "send scripts' marks to the API server too, as GET /e2e/mark?test=NAME, for its audit log")
	f.StringVar(&o.onRecordError, "on-record-error", onErrorContinue, `when a request cannot be recorded: "continue" forwarding and exit with 3, or "fail" at once`)
	complete(cmd, o.choices())
}

// choice is a flag that takes one of some words.
type choice struct {
	flag, value string
	want        []string
}

func (r *recording) choices() []choice {
	return []choice{
		{"log-level", r.logLevel, []string{"debug", "info", "warn", "error"}},
		{"log-format", r.logFormat, []string{"text", "json"}},
	}
}

func (o *options) choices() []choice {
	return []choice{
		{"mode", o.mode, []string{string(upstream.ModeServer), string(upstream.ModeProxyURL)}},
		{"on-record-error", o.onRecordError, []string{onErrorContinue, onErrorFail}},
	}
}

// complete lets shells complete the values of flags.
func complete(cmd *cobra.Command, choices []choice) {
	for _, c := range choices {
		words := cobra.FixedCompletions(c.want, cobra.ShellCompDirectiveNoFileComp)
		if err := cmd.RegisterFlagCompletionFunc(c.flag, words); err != nil {
			panic(err) // a name above is misspelt
		}
	}
}

// check refuses values that no run could begin with.
func (r *recording) check() error { return checkChoices(r.choices()) }

// check refuses values that no run could begin with.
func (o *options) check() error {
	if err := checkChoices(append(o.choices(), o.recording.choices()...)); err != nil {
		return err
	}
	if err := o.page.check(); err != nil {
		return err
	}
	return o.listening.check("whoever connects may send requests to the cluster through this machine")
}

func checkChoices(choices []choice) error {
	for _, c := range choices {
		if !slices.Contains(c.want, c.value) {
			return cli.UsageError(fmt.Errorf("--%s %q: want one of %q", c.flag, c.value, c.want))
		}
	}
	return nil
}

// warnRemote says what --allow-remote exposes.
func (o *options) warnRemote(stderr io.Writer) {
	if o.remote() {
		fmt.Fprintf(stderr, "e2etap: warning: listening on %s: any machine that reaches it can send requests to the cluster from here,\n"+
			"e2etap: anonymously or with credentials of its own; who has the generated kubeconfig acts as you\n", o.listen)
	}
}

// logger writes to stderr, with colour if that is a terminal. check has seen the level.
func (r *recording) logger(stderr io.Writer) zerolog.Logger {
	level, _ := zerolog.ParseLevel(r.logLevel)
	out := stderr
	if r.logFormat == "text" {
		out = zerolog.ConsoleWriter{Out: stderr, NoColor: !isTerminal(stderr) || os.Getenv("NO_COLOR") != ""}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
