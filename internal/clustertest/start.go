package clustertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// hint is what to type when the cluster's binaries are missing.
const hint = `hint: run "go run -C test/cluster . build", which takes a quarter of an hour the first time`

// findOrStart returns the cluster that the environment names, or starts one. Stop is never nil when there is no error.
func findOrStart() (cluster *Cluster, stop func() error, err error) {
	if path := os.Getenv(Env); path != "" {
		cluster, err := load(path)
		return cluster, func() error { return nil }, err
	}
	return start(nil)
}

// load reads a running cluster's description from its folder or from a file.
func load(path string) (*Cluster, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "cluster.json")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the cluster that %s names: %w\nhint: unset it, or start a cluster with \"cluster up\"",
			Env, err)
	}
	return parse(data)
}

func parse(data []byte) (*Cluster, error) {
	var cluster Cluster
	if err := json.Unmarshal(data, &cluster); err != nil {
		return nil, fmt.Errorf("parse description of cluster: %w", err)
	}
	if cluster.Kubeconfig == "" {
		return nil, fmt.Errorf("parse description of cluster: no kubeconfig in %q", data)
	}
	return &cluster, nil
}

// start starts a cluster that stops when the pipe to its stdin is closed, by stop or by the end of this process.
func start(apiServerFlags []string) (cluster *Cluster, stop func() error, err error) {
	tool, err := toolPath()
	if err != nil {
		return nil, nil, err
	}
	command := exec.Command(tool, "run", "--output=json", "--stdin-eof", "--quiet")
	for _, flag := range apiServerFlags {
		command.Args = append(command.Args, "--apiserver-flag="+flag)
	}
	// The tool would otherwise look for its cache around the current folder, as toolPath does.
	command.Env = append(os.Environ(), cacheEnv+"="+filepath.Dir(filepath.Dir(tool)))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start cluster: %w", err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start cluster: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, nil, fmt.Errorf("start cluster: %w", err)
	}
	stop = func() error {
		if err := errors.Join(stdin.Close(), command.Wait()); err != nil {
			return fmt.Errorf("stop cluster: %w\n%s", err, stderr.Bytes())
		}
		return nil
	}
	var description json.RawMessage
	if err := json.NewDecoder(stdout).Decode(&description); err != nil {
		return nil, nil, fmt.Errorf("start cluster: no description of it: %w", errors.Join(err, stop()))
	}
	if cluster, err = parse(description); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return cluster, stop, nil
}

// cacheEnv names the environment variable that moves the folder with the cluster's binaries.
const cacheEnv = "E2ETAP_CLUSTER_CACHE"

// toolPath returns the path of test/cluster's command, as "build" leaves it.
func toolPath() (string, error) {
	cache := os.Getenv(cacheEnv)
	if cache == "" {
		root, err := repositoryRoot()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(root, ".cache", "cluster")
	}
	tool, err := filepath.Abs(filepath.Join(cache, "bin", "cluster"))
	if err != nil {
		return "", fmt.Errorf("find the cluster's command: %w", err)
	}
	if _, err := os.Stat(tool); err != nil {
		return "", fmt.Errorf("find the cluster's command: %w\n%s", err, hint)
	}
	return tool, nil
}

// repositoryRoot returns the folder, above the current one, of the main module's go.mod.
func repositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(data), "module e2etap\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find the repository: no go.mod of module e2etap in %s or above", start)
		}
	}
}
