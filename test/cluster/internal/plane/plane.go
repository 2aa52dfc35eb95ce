// Package plane starts and stops a Kubernetes control plane on this machine: etcd, the three servers of the control
// plane and kwok, which plays two nodes. It listens on 127.0.0.1 only, and it is for tests only: kwok's kubelet asks
// nobody who he is, and "exec" runs commands on this machine as the user who started the cluster.
//
// The process that calls Start supervises: its children die with it, whatever ends it.
package plane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"k8s.io/client-go/kubernetes"

	"e2etap/test/cluster/internal/binaries"
	"e2etap/test/cluster/internal/cache"
	"e2etap/test/cluster/internal/process"
)

// Options say how to start a cluster.
type Options struct {
	Cache cache.Dir
	// APIServerFlags are added to kube-apiserver's, as in "--goaway-chance=0.02".
	APIServerFlags []string
	// Progress gets a line for each stage of the start.
	Progress io.Writer
}

// startWithin is several times what a start takes on a busy machine with two cores.
const startWithin = 2 * time.Minute

// A Plane is a running control plane.
type Plane struct {
	cache       cache.Dir
	info        Info
	lock        *os.File
	apiPort     *port
	kubeletPort *port
	credentials *credentials
	spawner     *process.Spawner
	children    []*process.Child
	waiting     sync.WaitGroup

	// life ends when the plane is stopped or one of its processes ends by itself, which is then the cause.
	life context.Context
	fail context.CancelCauseFunc
}

// Start starts a cluster and returns when it is ready: its API answers, its nodes are ready, and namespace "default" has
// its service account. After an error nothing is left but the logs, whose folder the error names. When ctx ends before
// the cluster is ready, Start fails; afterwards ctx has no effect.
func Start(ctx context.Context, options Options) (*Plane, error) {
	if missing := binaries.Missing(options.Cache); len(missing) > 0 {
		return nil, fmt.Errorf("start cluster: %s has no %s\nhint: build with \"go run -C test/cluster . build\"",
			options.Cache, missing[0])
	}
	dir, lock, err := newDir(options.Cache)
	if err != nil {
		return nil, err
	}
	p := &Plane{cache: options.Cache, lock: lock, spawner: process.NewSpawner()}
	p.life, p.fail = context.WithCancelCause(context.Background())
	p.info = Info{
		Dir:      dir,
		AuditLog: filepath.Join(dir, auditLogFile),
		Bin:      options.Cache.Bin(),
		Version:  binaries.KubernetesVersion,
		PID:      os.Getpid(),
	}
	if err := p.start(ctx, options); err != nil {
		interrupted := ctx.Err() != nil
		return nil, errors.Join(err, p.stop(!interrupted))
	}
	return p, nil
}

// Info tells what a user of the cluster needs.
func (p *Plane) Info() Info { return p.info }

// Life ends when the cluster is stopped, or when one of its processes ends by itself, which is then context.Cause.
func (p *Plane) Life() context.Context { return p.life }

// Stop stops all processes, the last started first, and removes the cluster's folder. When a process had ended by
// itself the logs are kept, and the error says where.
func (p *Plane) Stop() error { return p.stop(p.life.Err() != nil) }

func (p *Plane) stop(keepLogs bool) error {
	p.fail(errors.New("the cluster is being stopped"))
	for i := len(p.children) - 1; i >= 0; i-- {
		p.children[i].Stop()
	}
	p.waiting.Wait()
	p.spawner.Close()
	var errs []error
	for _, port := range []*port{p.apiPort, p.kubeletPort} {
		if port != nil {
			errs = append(errs, port.close())
		}
	}
	if keepLogs {
		errs = append(errs, p.keepLogs())
	}
	// The folder goes before the lock: a folder that nobody has locked is one to clean up.
	errs = append(errs, os.RemoveAll(p.info.Dir), p.lock.Close())
	return errors.Join(errs...)
}

// path names a file in the cluster's folder.
func (p *Plane) path(names ...string) string {
	return filepath.Join(append([]string{p.info.Dir}, names...)...)
}

// start goes through the stages of a start.
func (p *Plane) start(ctx context.Context, options Options) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startWithin, fmt.Errorf("not ready within %s", startWithin))
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	defer context.AfterFunc(p.life, func() { fail(context.Cause(p.life)) })()

	var client kubernetes.Interface
	stages := []struct {
		name string
		run  func() error
	}{
		{"certificates and configuration", p.configure},
		{"etcd and kube-apiserver", func() (err error) {
			client, err = p.startAPI(ctx, options.APIServerFlags)
			return err
		}},
		{"controllers, scheduler and kwok", func() error { return p.startControllers(ctx) }},
		{"nodes", func() error { return p.startNodes(ctx, client) }},
		{"default service account", func() error { return serviceAccountExists(ctx, client) }},
	}
	for i, stage := range stages {
		begin := time.Now()
		if err := stage.run(); err != nil {
			return fmt.Errorf("start cluster: %s: %w", stage.name, err)
		}
		fmt.Fprintf(options.Progress, "%d/%d %s: %.1f s\n", i+1, len(stages), stage.name, time.Since(begin).Seconds())
	}
	return writeInfo(p.info)
}

// keepLogs moves the logs to where they outlive the cluster, and returns an error that says where.
func (p *Plane) keepLogs() error {
	if len(p.children) == 0 {
		return nil
	}
	if err := os.MkdirAll(p.cache.Failed(), 0o700); err != nil {
		return fmt.Errorf("keep logs: %w", err)
	}
	kept := filepath.Join(p.cache.Failed(), filepath.Base(p.info.Dir))
	if err := os.Rename(p.path(logsFolder), kept); err != nil {
		return fmt.Errorf("keep logs: %w", err)
	}
	return fmt.Errorf("hint: the logs are kept in %s", kept)
}
