package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
	"e2etap/internal/db"
	"e2etap/internal/mark"
	"e2etap/internal/peer"
	"e2etap/internal/spec"
	"e2etap/internal/tee"
	"e2etap/internal/traffic"
)

// session is a recording in progress, with what a command's output and scripts' marks tell of specs: what run, serve and spy
// have in common.
type session struct {
	recording recording
	command   []string // as it was given, without secrets; nil for serve
	stderr    io.Writer
	started   time.Time
	peers     *peer.Finder
	ledger    *ledger
	marks     *mark.Server
	failed    chan error // the first reason to end the run: the proxy failed, or a row was lost that must not be

	stop    context.CancelFunc
	serving sync.WaitGroup
}

// newSession returns a session that records nothing yet. Who makes it adds the ledger.
func newSession(r recording, command []string, stderr io.Writer) *session {
	return &session{
		recording: r, command: redact(command), stderr: stderr, started: time.Now(), peers: peer.NewFinder(),
		failed: make(chan error, 1),
	}
}

// listenForMarks opens the port to which scripts tell their tests. f may be nil: marks are not forwarded then.
func (s *session) listenForMarks(f *mark.Forwarder) (err error) {
	s.marks, err = mark.Listen(mark.Config{Peers: s.peers, Mark: s.ledger.mark, Forward: f, Log: s.recording.logger(s.stderr)})
	return err
}

// record begins the run in the recording. r is what is known of the cluster.
func (s *session) record(r traffic.Run) (err error) {
	r.Name, r.Command, r.ToolVersion, r.Start = s.recording.runName, s.command, cli.Version(), s.started
	s.ledger.rec, err = db.Create(s.recording.db, r, db.Options{
		OnError: func(err error) { fmt.Fprintf(s.stderr, "e2etap: %v\n", err) },
	})
	return err
}

// serve answers marks, and runs what else is to run, until the session is closed.
func (s *session) serve(others ...func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	for _, run := range append(others, s.marks.Run) {
		s.serving.Go(func() {
			if err := run(ctx); err != nil {
				s.fail(fmt.Errorf("the proxy failed: %w", err))
			}
		})
	}
}

func (s *session) fail(err error) {
	select {
	case s.failed <- err:
	default: // one is enough
	}
}

// attend runs a command to its end, with a status line, and returns its exit code; an error is the run's own, as child.run
// has it. With watchOutput, what its output tells of specs is recorded.
func (s *session) attend(cmd *cobra.Command, args, env []string, watchOutput bool, line lineText, signals <-chan os.Signal) (int, error) {
	c := &child{
		args: args, env: env, stdin: cmd.InOrStdin(), stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), turn: new(tee.Turn),
	}
	status := newStatusLine(c.stderr, line, c.turn)
	scanner := spec.NewScanner(s.ledger.printed)
	if watchOutput {
		c.watch = scanner.Scan
	}
	code, err := c.run(signals, s.failed)
	scanner.Close(time.Now())
	status.close()
	return code, err
}

// close ends the session in order: marks and what else runs, then the recording. exitCode is the command's.
func (s *session) close(exitCode int) error {
	s.stop()
	s.serving.Wait()
	return s.ledger.rec.Close(traffic.RunEnd{End: time.Now(), ExitCode: exitCode})
}

// exit decides the exit code: an error of the run itself (runErr), else the command's, else 3 if the recording is not whole.
func (s *session) exit(code int, runErr, closeErr error) error {
	switch {
	case runErr != nil:
		return &cli.ExitError{Code: code, Err: errors.Join(runErr, closeErr)}
	case code != 0:
		return &cli.ExitError{Code: code, Err: closeErr}
	case closeErr != nil || s.ledger.rec.Lost() > 0:
		return &cli.ExitError{Code: cli.ExitIncomplete, Err: closeErr}
	}
	return nil
}

// say writes a line of the summary.
func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.stderr, "e2etap: "+format+"\n", args...)
}

// sayWhere ends the summary: what is missing, where the recording is, and what to type next, before the flags that name it.
func (s *session) sayWhere(next string) {
	if lost := s.ledger.rec.Lost(); lost > 0 {
		s.say("NOT RECORDED: %s", plural(lost, "row"))
	}
	file, name := s.recording.db, s.ledger.rec.RunName()
	s.say("recording %s, %s; next: %s --db %s --run %s", file, name, next, shellQuote(file), shellQuote(name))
}
