//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// stage is all that a run has going: a folder, the API server, the client and the proxies between them.
type stage struct {
	ctx      context.Context
	log      io.Writer
	dir      string
	api      *process
	upstream string // URL of the API server
	load     *load
	subjects []*subject
	skipped  []string // why what is not measured is not
}

// subject is a way to the API server that is measured.
type subject struct {
	name, note string
	target     target
	process    *process     // nil for the direct way
	check      func() error // nil if there is nothing to check after process has ended
	sent       int64        // requests
}

// errSkip says that a proxy cannot be measured here.
var errSkip = errors.New("skipped")

// where the processes run: with one core for each of them where there are enough, and nothing else on the proxies'
func (o options) cores() (proxy, load, api cores) {
	if !o.pin {
		return nil, nil, nil
	}
	return cores{0}, cores{1}, cores{min(2, runtime.NumCPU()-1)}
}

// newStage starts everything.
func newStage(ctx context.Context, o options, log io.Writer) (s *stage, err error) {
	s = &stage{ctx: ctx, log: log}
	if s.dir, err = os.MkdirTemp("", "e2etap-bench-*"); err != nil {
		return nil, err
	}
	if err = s.start(o); err != nil {
		return nil, s.close(err)
	}
	return s, nil
}

func (s *stage) start(o options) error {
	os.Unsetenv("GOGC") // every program as it comes
	if err := makeKeys(s.keys()); err != nil {
		return err
	}
	ca, err := os.ReadFile(s.keys())
	if err != nil {
		return err
	}
	proxyCores, loadCores, apiCores := o.cores()
	api, address, err := s.child(apiCores, apiServerCommand, s.keys())
	if err != nil {
		return err
	}
	s.api, s.upstream = api, "https://"+address
	if s.load, err = startLoad(s.ctx, loadCores); err != nil {
		return err
	}
	direct := target{URL: s.upstream, CA: ca, Token: dummyToken}
	s.subjects = []*subject{{name: "direct", note: "no proxy", target: direct}}
	if err := s.add(o, "reverseproxy", func() (*subject, error) { return s.reverseProxy(proxyCores, ca) }); err != nil {
		return err
	}
	if err := s.add(o, "haproxy", func() (*subject, error) { return s.haproxy(proxyCores, ca) }); err != nil {
		return err
	}
	if err := s.add(o, "kubectl", func() (*subject, error) { return s.kubectl(proxyCores, o.kubectl) }); err != nil {
		return err
	}
	for _, b := range o.builds {
		if err := s.add(o, b.name, func() (*subject, error) { return s.ours(proxyCores, b, o.page) }); err != nil {
			return err
		}
	}
	return nil
}

// add starts a proxy, unless it is not wanted or cannot be had.
func (s *stage) add(o options, name string, start func() (*subject, error)) error {
	if o.skip[name] {
		return nil
	}
	sub, err := start()
	if errors.Is(err, errSkip) {
		s.skipped = append(s.skipped, err.Error())
		fmt.Fprintf(s.log, "bench: %v\n", err)
		return nil
	}
	if err == nil {
		s.subjects = append(s.subjects, sub)
	}
	return err
}

// child starts this program in one of its other parts, which says where it listens.
func (s *stage) child(on cores, args ...string) (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	p, err := start(s.ctx, command{name: args[0], args: append([]string{self}, args...), cores: on})
	if err != nil {
		return nil, "", err
	}
	p.endsBySignal = true
	address, err := p.line(listening)
	return p, address, err
}

func (s *stage) keys() string { return s.path("keys.pem") }

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// close ends everything and removes the folder. It returns what has gone wrong so far, with what goes wrong now.
func (s *stage) close(err error) error {
	for _, sub := range s.subjects {
		if sub.process == nil {
			continue
		}
		if stopErr := sub.process.stop(); stopErr != nil && err == nil {
			err = fmt.Errorf("%s: %w\n%s", sub.name, stopErr, sub.process.stderr.String())
		}
		if err == nil && sub.check != nil {
			err = sub.check()
		}
	}
	if s.load != nil {
		err = errors.Join(err, s.load.process.stop())
	}
	if s.api != nil {
		err = errors.Join(err, s.api.stop())
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
