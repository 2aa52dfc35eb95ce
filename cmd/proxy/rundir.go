package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"e2etap/internal/upstream"
)

const (
	runDirPattern = "e2etap-run-*"
	stateFile     = "state.json"
)

// state is what other commands of this user may know of a running proxy. It holds the run's credentials.
type state struct {
	PID        int                  `json:"pid"`
	Command    []string             `json:"command"` // nil for serve
	Server     string               `json:"server"`
	Kubeconfig *upstream.Kubeconfig `json:"kubeconfig"`
}

// runDir is the private folder (0700) of a running proxy. A lock on its state file, which the kernel takes back when
// the process dies however it dies, tells a running proxy's folder from one that was left behind.
type runDir struct {
	path string
	lock *os.File
}

// runDirParents are where the folders of this user's proxies can be. New ones go to the first.
func runDirParents() []string {
	parents := []string{os.TempDir()}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != parents[0] && ownDir(dir) {
		parents = append([]string{dir}, parents...)
	}
	return parents
}

// newRunDir makes the folder of this process and removes those that dead ones left.
func newRunDir(s state) (*runDir, error) {
	sweep()
	path, err := os.MkdirTemp(runDirParents()[0], runDirPattern) // 0700
	if err != nil {
		return nil, err
	}
	d := &runDir{path: path}
	if err := d.write(s); err != nil {
		return nil, errors.Join(err, d.remove())
	}
	return d, nil
}

// write makes the state file appear whole and locked: a proxy that starts at the same moment must not take the folder for
// one that was left behind.
func (d *runDir) write(s state) error {
	path := filepath.Join(d.path, stateFile)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	d.lock = f
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	if err := json.NewEncoder(f).Encode(s); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// remove takes the folder and the credentials in it away. A nil folder was never made.
func (d *runDir) remove() error {
	if d == nil {
		return nil
	}
	err := os.RemoveAll(d.path)
	if errors.Is(err, syscall.ENOTEMPTY) { // a kubectl that outlives the proxy adds to its cache; the next proxy sweeps it
		err = nil
	}
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// running returns the states of this user's running proxies.
func running() ([]state, error) {
	var states []state
	err := eachRunDir(func(dir string, f *os.File, alive bool) error {
		if !alive {
			return nil
		}
		var s state
		if err := json.NewDecoder(f).Decode(&s); err != nil {
			return fmt.Errorf("read %s: %w", f.Name(), err)
		}
		states = append(states, s)
		return nil
	})
	return states, err
}

// sweep removes the folders of dead proxies. What cannot be removed is in nobody's way.
func sweep() {
	eachRunDir(func(dir string, _ *os.File, alive bool) error {
		if !alive {
			os.RemoveAll(dir)
		}
		return nil
	})
}

// eachRunDir visits the folders of this user's proxies, with their state files; a dead one's may be nil.
func eachRunDir(visit func(dir string, f *os.File, alive bool) error) error {
	for _, parent := range runDirParents() {
		dirs, _ := filepath.Glob(filepath.Join(parent, runDirPattern)) // fails for a malformed pattern only
		for _, dir := range dirs {
			if !ownDir(dir) {
				continue
			}
			f, err := os.Open(filepath.Join(dir, stateFile))
			if err != nil { // gone meanwhile, or being made, or its proxy died while making it
				if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Minute {
					visit(dir, nil, false)
				}
				continue
			}
			alive := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
			if err := errors.Join(visit(dir, f, alive), f.Close()); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownDir tells whether path is a folder, not a link to one, of this user: in a shared folder anybody can make one with
// our pattern and lead us astray with what is in it.
func ownDir(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	sys, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(sys.Uid) == os.Getuid()
}
