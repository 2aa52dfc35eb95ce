// Package cache names the folders in which the command keeps what it builds and what it runs.
//
// It creates folders and finds them; it knows nothing of what is put into them.
package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Env names the environment variable that moves the cache folder away from its default, <repository>/.cache/cluster.
const Env = "E2ETAP_CLUSTER_CACHE"

// Dir is the cache folder, an absolute path.
type Dir string

// Bin is the folder of the binaries, shared by all clusters.
func (d Dir) Bin() string { return filepath.Join(string(d), "bin") }

// Stamps is the folder that remembers from which inputs each binary was built.
func (d Dir) Stamps() string { return filepath.Join(string(d), "stamps") }

// Clusters is the folder with one folder for each running cluster.
func (d Dir) Clusters() string { return filepath.Join(string(d), "clusters") }

// Failed is the folder that keeps the logs of clusters that did not start.
func (d Dir) Failed() string { return filepath.Join(string(d), "failed") }

// KwokStages is the file with kwok's own description of how nodes and pods become ready.
func (d Dir) KwokStages() string { return filepath.Join(string(d), "kwok-stages.yaml") }

// Open returns the cache folder that the environment names, or else the one of the repository around the current
// folder, and makes sure that it exists.
func Open() (Dir, error) {
	path := os.Getenv(Env)
	if path == "" {
		module, err := Module()
		if err != nil {
			return "", fmt.Errorf("%w\nhint: run this inside the repository, or set %s", err, Env)
		}
		path = filepath.Join(module, "..", "..", ".cache", "cluster")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find cache folder: %w", err)
	}
	dir := Dir(path)
	for _, sub := range []string{dir.Bin(), dir.Stamps(), dir.Clusters()} {
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return "", fmt.Errorf("create cache folder: %w", err)
		}
	}
	return dir, nil
}

// moduleMark is the file, as seen from the repository's root, by which this module's source is recognised.
const moduleMark = "test/cluster/go.mod"

// Module returns the folder of this module's source: <repository>/test/cluster, for a current folder anywhere in the
// repository.
func Module() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find current folder: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		mark := filepath.Join(dir, filepath.FromSlash(moduleMark))
		if _, err := os.Stat(mark); err == nil {
			return filepath.Dir(mark), nil
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("look for %s: %w", moduleMark, err)
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no %s in %s or a folder above it", moduleMark, start)
		}
	}
}
