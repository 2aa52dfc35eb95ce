//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
)

const haproxyConfig = `global
  nbthread 1
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind fd@3 ssl crt %[1]s alpn h2
  default_backend back
backend back
  server api %[2]s ssl verify required ca-file %[1]s crt %[1]s alpn h2
`

// haproxy starts Debian's haproxy with HTTP/2 on both sides and one thread. It gets a listening socket from us.
func (s *stage) haproxy(on cores, ca []byte) (*subject, error) {
	program, err := exec.LookPath("haproxy")
	if err != nil {
		return nil, fmt.Errorf("%w haproxy, which is not installed (apt-get install haproxy)", errSkip)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	config := fmt.Sprintf(haproxyConfig, s.keys(), strings.TrimPrefix(s.upstream, "https://"))
	if err := os.WriteFile(s.path("haproxy.cfg"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	p, err := start(s.ctx, command{
		name: "haproxy", args: []string{program, "-db", "-q", "-f", s.path("haproxy.cfg")}, file: file, cores: on,
	})
	if err != nil {
		return nil, err
	}
	p.endsBySignal = true
	version, _ := exec.Command(program, "-v").Output()
	return &subject{
		name: "haproxy", note: firstWords(string(version), 3) + ", one thread, no log",
		target: target{URL: "https://" + l.Addr().String(), CA: ca, Token: dummyToken}, process: p,
	}, nil
}

// kubectl starts kubectl proxy.
func (s *stage) kubectl(on cores, program string) (*subject, error) {
	if _, err := exec.LookPath(program); err != nil {
		return nil, fmt.Errorf("%w kubectl proxy: no program %s (-kubectl or KUBECTL names another)", errSkip, program)
	}
	if err := s.writeKubeconfig(); err != nil {
		return nil, err
	}
	p, err := start(s.ctx, command{
		name: "kubectl proxy", args: []string{program, "--kubeconfig", s.path("kubeconfig"), "proxy", "--port=0"}, cores: on,
	})
	if err != nil {
		return nil, err
	}
	p.endsBySignal = true
	address, err := p.line("Starting to serve on ")
	if err != nil {
		return nil, err
	}
	return &subject{
		name: "kubectl proxy", note: "speaks plain HTTP/1.1 to its clients, so it has half of the TLS and none of the HTTP/2 there",
		target: target{URL: "http://" + address, Token: dummyToken}, process: p,
	}, nil
}

func firstWords(text string, n int) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(n, len(words))], " ")
}
