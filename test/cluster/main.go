// Command cluster builds, starts and stops a real Kubernetes control plane on this machine, for tests: etcd,
// kube-apiserver, kube-controller-manager and kube-scheduler, with kwok playing two nodes. Everything is built by the Go
// toolchain from the Go module proxy; no container engine is needed.
//
// It is a module of its own, because it requires k8s.io/kubernetes, which nothing else in the repository should.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are what the command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}
