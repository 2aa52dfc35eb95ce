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
	"e2etap/internal/gateway"
	"e2etap/internal/operation/live"
	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// preflight bounds the one question that is asked before a run begins.
const preflight = 10 * time.Second

// proxied is a session with a gateway, whose requests it records: that of run and serve.
type proxied struct {
	*session
	options options
	server  string // the API server's URL
	gateway *gateway.Gateway
	dir     *runDir
}

// openProxied starts a session for command (nil for serve). On return the proxy answers.
func openProxied(ctx context.Context, o options, command []string, stderr io.Writer) (*proxied, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
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
	p := &proxied{session: newSession(o.recording, command, stderr), options: o, server: config.Current().Server.String()}
	p.ledger = newLedger(tags, o.tagUpstream, p.onLost)
	p.gateway, err = gateway.New(gateway.Config{
		Upstream: config, Mode: upstream.Mode(o.mode), Listen: o.listen, Recorder: p.ledger, Attribute: p.ledger.Attribute,
		Peers: p.peers, Log: o.logger(stderr),
	})
	if err != nil {
		return nil, err
	}
	if err = p.takeMarks(config); err != nil {
		return nil, errors.Join(err, p.gateway.Close())
	}
	if err = p.writeKubeconfig(); err == nil {
		err = p.record(traffic.Run{ // last, because it leaves a trace: the run
			Context: config.Context, Server: p.server, ServerVersion: version, Pattern: o.pattern,
		})
	}
	if err != nil {
		return nil, errors.Join(err, p.gateway.Close(), p.marks.Close(), p.dir.remove())
	}
	o.warnRemote(stderr)
	p.ledger.operations = live.Start(operations, p.ledger.rec.SetOperations) // in the background
	p.serve(p.gateway.Run, p.show(o.page))
	return p, nil
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
func (p *proxied) writeKubeconfig() error {
	k, err := p.gateway.Kubeconfig()
	if err != nil {
		return err
	}
	if p.dir, err = newRunDir(state{PID: os.Getpid(), Command: p.command, Server: p.gateway.Server(), Kubeconfig: k}); err != nil {
		return err
	}
	f, err := os.OpenFile(p.kubeconfig(), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(k.Render(f, e2etap.KubeconfigTemplate), f.Close())
}

// kubeconfig is the path of the file that clients use.
func (p *proxied) kubeconfig() string { return filepath.Join(p.dir.path, "kubeconfig") }

// environment is what clients are to find: the kubeconfig, where to send marks, and a folder for kubectl's cache. kubectl keeps what it
// knows of an API server by its address, for hours, and a port of ours may have been that of a proxy before another cluster.
func (p *proxied) environment() []string {
	env := []string{"KUBECONFIG=" + p.kubeconfig(), "E2ETAP_URL=" + p.marks.URL()}
	if upstream.Mode(p.options.mode) == upstream.ModeServer && os.Getenv(kubectlCache) == "" {
		env = append(env, kubectlCache+"="+filepath.Join(p.dir.path, "kube-cache"))
	}
	return env
}

// kubectlCache names the folder of kubectl's cache (k8s.io/cli-runtime, pkg/genericclioptions/config_flags.go).
const kubectlCache = "KUBECACHEDIR"

// onLost is told of every row that was lost.
func (p *proxied) onLost(err error) {
	if p.options.onRecordError == onErrorFail {
		p.fail(fmt.Errorf("a request could not be recorded: %w", err))
	}
}

// close ends the session in order: requests and marks, operations, recording, files. exitCode is the command's.
func (p *proxied) close(exitCode int) error {
	p.end()
	p.closeOperations()
	return errors.Join(p.session.close(exitCode), p.dir.remove())
}
