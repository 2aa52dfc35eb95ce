package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	e2etap "e2etap"
	"e2etap/internal/cli"
	"e2etap/internal/db"
	"e2etap/internal/gateway"
	"e2etap/internal/mark"
	"e2etap/internal/operation/live"
	"e2etap/internal/peer"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// preflight bounds the one question that is asked before a run begins.
const preflight = 10 * time.Second

// session is a proxy that is recording: what run and serve have in common.
type session struct {
	options options
	command []string // as it was given, without secrets
	stderr  io.Writer
	started time.Time
	server  string // the API server's URL
	ledger  *ledger
	gateway *gateway.Gateway
	marks   *mark.Server
	dir     *runDir
	failed  chan error // the first reason to end the run: the proxy failed, or a row was lost that must not be

	stop    context.CancelFunc
	serving sync.WaitGroup
}

// open starts a session for command (nil for serve). On return the proxy answers.
func open(ctx context.Context, o options, command []string, stderr io.Writer) (*session, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	command = redact(command) // whatever it is kept for
	tags, err := tagger.New(o.pattern)
	if err != nil {
		return nil, cli.UsageError(fmt.Errorf("--user-agent-pattern: %w", err))
	}
	config, err := upstream.Load(o.kubeconfig, o.context)
	if err != nil {
		return nil, err
	}
	version, err := askVersion(ctx, config, stderr)
	if err != nil {
		return nil, err
	}
	operations, err := operationsOf(config)
	if err != nil {
		return nil, err
	}
	s := &session{
		options: o, command: command, stderr: stderr, started: time.Now(), server: config.Current().Server.String(), failed: make(chan error, 1),
	}
	s.ledger = newLedger(tags, o.tagUpstream, s.onLost)
	peers, log := peer.NewFinder(), o.logger(stderr)
	s.gateway, err = gateway.New(gateway.Config{
		Upstream: config, Mode: upstream.Mode(o.mode), Listen: o.listen, Recorder: s.ledger, Attribute: s.ledger.Attribute,
		Peers: peers, Log: log,
	})
	if err != nil {
		return nil, err
	}
	if s.marks, err = s.listenForMarks(config, peers, log); err != nil {
		return nil, errors.Join(err, s.gateway.Close())
	}
	if err = s.writeKubeconfig(command); err == nil {
		err = s.record(command, config, version) // last, because it leaves a trace: the run
	}
	if err != nil {
		return nil, errors.Join(err, s.gateway.Close(), s.marks.Close(), s.dir.remove())
	}
	o.warnRemote(stderr)
	s.ledger.operations = live.Start(operations, s.ledger.rec.SetOperations) // in the background
	s.serve()
	return s, nil
}

func (s *session) record(command []string, config *upstream.Config, version string) (err error) {
	s.ledger.rec, err = db.Create(s.options.db, traffic.Run{
		Name: s.options.runName, Command: command, Context: config.Context, Server: s.server,
		ServerVersion: version, ToolVersion: cli.Version(), Pattern: s.options.pattern, Start: s.started,
	}, db.Options{OnError: func(err error) { fmt.Fprintf(s.stderr, "e2etap: %v\n", err) }})
	return err
}

// askVersion asks the API server for its version. One that cannot be reached may come up later; one that is not who it
// should be will not, and neither will credentials that cannot be read.
func askVersion(ctx context.Context, config *upstream.Config, stderr io.Writer) (string, error) {
	server := config.Current()
	if _, err := server.As(config.CurrentUser()); err != nil {
		return "", fmt.Errorf("kubeconfig: %w", err)
	}
	asking, cancel := context.WithTimeout(ctx, preflight)
	defer cancel()
	version, err := server.Version(asking, config.CurrentUser(), gateway.UserAgent)
	var certificate *tls.CertificateVerificationError
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.As(err, &certificate):
		return "", fmt.Errorf("API server %s: %w\n"+
			"hint: check certificate-authority and tls-server-name of cluster %q in the kubeconfig", server.Server, err, server.Name)
	case err != nil:
		fmt.Fprintf(stderr, "e2etap: warning: API server %s does not tell its version: %v\n", server.Server, err)
	}
	return version, nil
}

// writeKubeconfig makes the folder that holds the kubeconfig for clients.
func (s *session) writeKubeconfig(command []string) error {
	k, err := s.gateway.Kubeconfig()
	if err != nil {
		return err
	}
	if s.dir, err = newRunDir(state{PID: os.Getpid(), Command: command, Server: s.gateway.Server(), Kubeconfig: k}); err != nil {
		return err
	}
	f, err := os.OpenFile(s.kubeconfig(), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(k.Render(f, e2etap.KubeconfigTemplate), f.Close())
}

// kubeconfig is the path of the file that clients use.
func (s *session) kubeconfig() string { return filepath.Join(s.dir.path, "kubeconfig") }

func (s *session) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	for _, run := range []func(context.Context) error{s.gateway.Run, s.marks.Run} {
		s.serving.Go(func() {
			if err := run(ctx); err != nil {
				s.fail(fmt.Errorf("the proxy failed: %w", err))
			}
		})
	}
}

// onLost is told of every row that was lost.
func (s *session) onLost(err error) {
	if s.options.onRecordError == onErrorFail {
		s.fail(fmt.Errorf("a request could not be recorded: %w", err))
	}
}

func (s *session) fail(err error) {
	select {
	case s.failed <- err:
	default: // one is enough
	}
}

// close ends the session in order: requests and marks, operations, recording, files. exitCode is the command's.
func (s *session) close(exitCode int) error {
	s.stop()
	s.serving.Wait()
	s.closeOperations()
	return errors.Join(s.ledger.rec.Close(traffic.RunEnd{End: time.Now(), ExitCode: exitCode}), s.dir.remove())
}
