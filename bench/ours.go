//go:build linux

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"e2etap/internal/db"
)

// dummyToken is as long as the credential that ours gives to its clients.
var dummyToken = strings.Repeat("x", 43)

// ours starts proxy serve, recording and if need be with its page, and reads where it listens from the kubeconfig that it gives out.
func (s *stage) ours(on cores, b build, page bool) (*subject, error) {
	if err := s.writeKubeconfig(); err != nil {
		return nil, err
	}
	if b.path == "" {
		b.path = s.path("proxy")
		if text, err := exec.CommandContext(s.ctx, "go", "build", "-o", b.path, "e2etap/cmd/proxy").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build e2etap/cmd/proxy: %w\n%s", err, text)
		}
	}
	recording := s.path(b.name + ".db")
	args := []string{b.path, "serve", "--kubeconfig", s.path("kubeconfig"), "--db", recording}
	if page {
		args = append(args, "--ui")
	}
	p, err := start(s.ctx, command{
		name: b.name, args: args, env: []string{"XDG_RUNTIME_DIR=" + s.dir}, cores: on,
	})
	if err != nil {
		return nil, err
	}
	kubeconfig, err := p.line("export KUBECONFIG=")
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", strings.Trim(kubeconfig, "'"))
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	sub := &subject{
		name: b.name, note: "proxy serve, recording every request into SQLite",
		target: target{URL: config.Host, CA: config.CAData, Token: config.BearerToken}, process: p,
	}
	sub.check = func() error { return checkRecording(recording, sub.sent) }
	return sub, nil
}

// writeKubeconfig writes a kubeconfig for the API server and a user with a client certificate.
func (s *stage) writeKubeconfig() error {
	config := api.NewConfig()
	config.Clusters["bench"] = &api.Cluster{Server: s.upstream, CertificateAuthority: s.keys()}
	config.AuthInfos["bench"] = &api.AuthInfo{ClientCertificate: s.keys(), ClientKey: s.keys()}
	config.Contexts["bench"] = &api.Context{Cluster: "bench", AuthInfo: "bench"}
	config.CurrentContext = "bench"
	return clientcmd.WriteToFile(*config, s.path("kubeconfig"))
}

// checkRecording makes sure that what was measured did its work: every request that was sent has a row.
func checkRecording(path string, sent int64) error {
	r, err := db.OpenReader(path)
	if err != nil {
		return err
	}
	defer r.Close()
	runs, err := r.SelectRuns(db.AllRuns)
	if err != nil {
		return err
	}
	tests, all, err := r.Summarize([]db.Dimension{db.Test}, db.Filter{Runs: runs})
	if err != nil {
		return err
	}
	if all.Requests != sent || len(tests) != sampleTests {
		return fmt.Errorf("%s has %d requests of %d tests, want %d of %d", path, all.Requests, len(tests), sent, sampleTests)
	}
	return nil
}
