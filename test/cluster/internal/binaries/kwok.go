package binaries

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"e2etap/test/cluster/internal/cache"
)

// kwokStages are the files, in kwok's module, that say how its nodes become and stay ready, and how its pods run, end
// and are deleted.
var kwokStages = []string{
	"kustomize/stage/node/fast/node-initialize.yaml",
	"kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
	"kustomize/stage/pod/fast/pod-ready.yaml",
	"kustomize/stage/pod/fast/pod-complete.yaml",
	"kustomize/stage/pod/fast/pod-delete.yaml",
}

// A patch replaces text that a file of kwok's module has exactly once.
type patch struct{ file, before, after string }

// kwokPatches mend how kwok's kubelet runs the command of "exec": the command never saw the end of its input, so that
// "kubectl exec -i POD -- cat" hung; it outlived kwok; and its exit code was lost.
var kwokPatches = []patch{
	{
		file:   "pkg/utils/exec/exec.go",
		before: "_, _ = io.Copy(inPipe, opt.In)\n",
		after:  "_, _ = io.Copy(inPipe, opt.In)\n_ = inPipe.Close()\n",
	},
	{
		file:   "pkg/utils/exec/cmd_other.go",
		before: "cmd := exec.CommandContext(ctx, name, arg...)\n",
		after: "cmd := exec.CommandContext(ctx, name, arg...)\n" +
			"cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}\n",
	},
	{
		file:   "pkg/kwok/server/debugging_exec.go",
		before: "return s.execInContainerWithTTY(ctx, cmd, in, stdout, resize)",
		after:  "return exitStatus(s.execInContainerWithTTY(ctx, cmd, in, stdout, resize))",
	},
	{
		file:   "pkg/kwok/server/debugging_exec.go",
		before: "return s.execInContainer(ctx, cmd, in, stdout, stderr)",
		after:  "return exitStatus(s.execInContainer(ctx, cmd, in, stdout, stderr))",
	},
}

// kwokExitStatus is a file more for kwok's kubelet, with the function that the patches call: it wraps an exit code as
// the streaming library wants it.
const kwokExitStatus = `package server

import (
	"errors"
	"os/exec"

	utilexec "k8s.io/utils/exec"
)

func exitStatus(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return utilexec.CodeExitError{Err: err, Code: exit.ExitCode()}
	}
	return err
}
`

// kwokSource copies kwok's module into the folder and patches it. A copy, because Go refuses to overlay files of its
// module cache.
func kwokSource(ctx context.Context, source, folder string) error {
	module, err := kwokDir(ctx, source)
	if err != nil {
		return err
	}
	if err := os.CopyFS(folder, os.DirFS(module)); err != nil {
		return fmt.Errorf("copy kwok's module: %w", err)
	}
	for _, p := range kwokPatches {
		if err := p.apply(folder); err != nil {
			return fmt.Errorf("patch kwok: %w", err)
		}
	}
	return os.WriteFile(filepath.Join(folder, "pkg", "kwok", "server", "exit_status.go"), []byte(kwokExitStatus), 0o644)
}

func (p patch) apply(folder string) error {
	path := filepath.Join(folder, filepath.FromSlash(p.file))
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n := strings.Count(string(data), p.before); n != 1 {
		return fmt.Errorf("%s has %q %d times, want once", p.file, p.before, n)
	}
	// The module cache's files are read-only, and so are their copies.
	if err := os.Chmod(path, 0o644); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.Replace(string(data), p.before, p.after, 1)), 0o644)
}

// kwokDir returns the folder of kwok's module in Go's module cache.
func kwokDir(ctx context.Context, source string) (string, error) {
	out, err := goCommand(ctx, source, "mod", "download", "-json", kwokModule+"@"+kwokVersion)
	if err != nil {
		return "", fmt.Errorf("download kwok's module: %w", err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fmt.Errorf("parse where kwok's module is: %w", err)
	}
	return module.Dir, nil
}

// writeKwokStages joins kwok's stage files into one file in the cache: kwok has none built in and refuses to start
// without any.
func writeKwokStages(ctx context.Context, dir cache.Dir, source string) error {
	module, err := kwokDir(ctx, source)
	if err != nil {
		return err
	}
	var all bytes.Buffer
	for _, name := range kwokStages {
		stage, err := os.ReadFile(filepath.Join(module, filepath.FromSlash(name)))
		if err != nil {
			return fmt.Errorf("read kwok's stage: %w", err)
		}
		fmt.Fprintf(&all, "---\n%s\n", stage)
	}
	return writeFile(dir.KwokStages(), all.Bytes())
}
