package binaries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"e2etap/test/cluster/internal/cache"
)

// Build builds what is missing or out of date in the cache from the module in the folder source, and tells the
// progress, a line for each binary, to the writer. Two builds of one cache wait for each other.
func Build(ctx context.Context, dir cache.Dir, source string, progress io.Writer) error {
	unlock, err := lock(filepath.Join(string(dir), "build.lock"))
	if err != nil {
		return err
	}
	defer unlock()

	toolchain, err := goCommand(ctx, source, "env", "GOVERSION", "GOOS", "GOARCH")
	if err != nil {
		return fmt.Errorf("ask for the Go version: %w", err)
	}
	for i, b := range all {
		start := time.Now()
		fmt.Fprintf(progress, "%d/%d %s: ", i+1, len(all), b.name)
		built, err := b.ensure(ctx, dir, source, string(toolchain))
		if err != nil {
			fmt.Fprintln(progress, "failed")
			return fmt.Errorf("build %s: %w", b.name, err)
		}
		if built {
			fmt.Fprintf(progress, "built in %.0f s\n", time.Since(start).Seconds())
		} else {
			fmt.Fprintln(progress, "up to date")
		}
	}
	return writeKwokStages(ctx, dir, source)
}

// Missing returns the names of the binaries that the cache lacks.
func Missing(dir cache.Dir) []string {
	var missing []string
	for _, b := range all {
		if _, err := os.Stat(filepath.Join(dir.Bin(), b.name)); err != nil {
			missing = append(missing, b.name)
		}
	}
	if _, err := os.Stat(dir.KwokStages()); err != nil {
		missing = append(missing, filepath.Base(dir.KwokStages()))
	}
	return missing
}

// ensure builds b unless the cache holds it already, built from the same inputs. It reports whether it built.
func (b binary) ensure(ctx context.Context, dir cache.Dir, source, toolchain string) (bool, error) {
	want, err := b.inputs(source, toolchain)
	if err != nil {
		return false, err
	}
	target, stamp := filepath.Join(dir.Bin(), b.name), filepath.Join(dir.Stamps(), b.name)
	have, err := os.ReadFile(stamp)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if _, err := os.Stat(target); err == nil && string(have) == want {
		return false, nil
	}
	if err := b.build(ctx, dir, source, target); err != nil {
		return false, err
	}
	// The stamp comes last: an interruption before it only builds once more.
	return true, writeFile(stamp, []byte(want))
}

// build builds into a folder of its own and renames, so that the target is always whole, and a running one stays intact.
func (b binary) build(ctx context.Context, dir cache.Dir, source, target string) error {
	scratch := filepath.Join(string(dir), "building")
	// A build that was killed may have left something; the lock says that nobody uses it.
	if err := os.RemoveAll(scratch); err != nil {
		return err
	}
	if err := os.Mkdir(scratch, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if b.patched {
		patched := filepath.Join(scratch, "source")
		if err := kwokSource(ctx, source, patched); err != nil {
			return err
		}
		source = patched
	}
	if _, err := goCommand(ctx, source, b.command(scratch)...); err != nil {
		return err
	}
	return os.Rename(filepath.Join(scratch, b.name), target)
}

// goCommand runs the go command in the folder dir and returns what it prints.
func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// The user's own flags would change what is built, and the stamps do not know them.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

// writeFile writes a file that is either there as a whole or not at all.
func writeFile(path string, data []byte) error {
	scratch := path + ".new"
	if err := os.WriteFile(scratch, data, 0o644); err != nil {
		return err
	}
	return os.Rename(scratch, path)
}

// lock waits until no other process holds the lock file, and holds it until unlock is called or this process ends.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open build lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("wait for build lock %s: %w", path, err), file.Close())
	}
	return func() { file.Close() }, nil
}
