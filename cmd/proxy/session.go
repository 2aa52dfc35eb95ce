package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	e2etap "e2etap"
	"e2etap/internal/cli"
	"e2etap/internal/db"
	"e2etap/internal/gateway"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// preflight bounds the one question that is asked before a run begins.
const preflight = 10 * time.Second

// session is a proxy that is recording: what run and serve have in common.
type session struct {
	options options
	stderr  io.Writer
	started time.Time
	ledger  *ledger
	gateway *gateway.Gateway
	dir     *runDir
	lost    chan error // the first row that was lost, if --on-record-error=fail

	stop   context.CancelFunc
	served chan error
}

// open starts a session for command (nil for serve). On return the proxy answers.
func open(ctx context.Context, o options, command []string, stderr io.Writer) (*session, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	tags, err := tagger.New(o.pattern)
	if err != nil {
		return nil, cli.UsageError(err)
	}
	log, err := o.logger(stderr)
	if err != nil {
		return nil, err
	}
	config, err := upstream.Load(o.kubeconfig, o.context)
	if err != nil {
		return nil, err
	}
	version, err := askVersion(ctx, config, stderr)
	if err != nil {
		return nil, err
	}
	s := &session{options: o, stderr: stderr, started: time.Now(), lost: make(chan error, 1), served: make(chan error, 1)}
	rec, err := db.Create(o.db, traffic.Run{
		Name: o.runName, Command: command, Context: config.Context, Server: config.Current().Server.String(),
		ServerVersion: version, ToolVersion: cli.Version(), Start: s.started,
	}, db.Options{OnError: func(err error) { fmt.Fprintf(stderr, "e2etap: %v\n", err) }})
	if err != nil {
		return nil, err
	}
	s.ledger = newLedger(rec, s.onLost)
	s.gateway, err = gateway.New(gateway.Config{
		Upstream: config, Mode: upstream.Mode(o.mode), Listen: o.listen, Recorder: s.ledger, Attribute: tags.Attribute, Log: log,
	})
	if err != nil {
		return nil, errors.Join(err, s.closeRecording(cli.ExitFailure))
	}
	if err := s.writeKubeconfig(command); err != nil {
		return nil, errors.Join(err, s.gateway.Close(), s.closeRecording(cli.ExitFailure))
	}
	o.warnRemote(stderr)
	s.serve()
	return s, nil
}

// askVersion asks the API server for its version. One that cannot be reached may come up later; one that is not who it
// should be will not.
func askVersion(ctx context.Context, config *upstream.Config, stderr io.Writer) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, preflight)
	defer cancel()
	version, err := config.Current().Version(ctx, config.CurrentUser(), gateway.UserAgent)
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return "", fmt.Errorf("API server %s: %w\nhint: check certificate-authority in the kubeconfig", config.Current().Server, err)
	case err != nil:
		fmt.Fprintf(stderr, "e2etap: warning: API server %s does not tell its version: %v\n", config.Current().Server, err)
	}
	return version, nil
}

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
		return errors.Join(err, s.dir.remove())
	}
	if err := errors.Join(k.Render(f, e2etap.KubeconfigTemplate), f.Close()); err != nil {
		return errors.Join(err, s.dir.remove())
	}
	return nil
}

// kubeconfig is the path of the file that clients use.
func (s *session) kubeconfig() string { return filepath.Join(s.dir.path, "kubeconfig") }

func (s *session) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	go func() { s.served <- s.gateway.Run(ctx) }()
}

// onLost is told of every row that was lost.
func (s *session) onLost(err error) {
	if s.options.onRecordError != onErrorFail {
		return
	}
	select {
	case s.lost <- err:
	default: // one is enough
	}
}

// close ends the session in order: requests, recording, files. exitCode is the command's.
func (s *session) close(exitCode int) error {
	s.stop()
	return errors.Join(<-s.served, s.closeRecording(exitCode), s.dir.remove())
}

func (s *session) closeRecording(exitCode int) error {
	return s.ledger.rec.Close(traffic.RunEnd{End: time.Now(), ExitCode: exitCode})
}
