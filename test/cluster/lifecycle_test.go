package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"e2etap/test/cluster/internal/binaries"
	"e2etap/test/cluster/internal/cache"
	"e2etap/test/cluster/internal/plane"
)

// asCommand makes the test binary behave as the command itself, so that the tests run what they were compiled from.
const asCommand = "E2ETAP_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestTwoClustersSideBySide(t *testing.T) {
	env := newCache(t)
	first, second := up(t, env), up(t, env)
	for _, info := range []plane.Info{first, second} {
		kubectl(t, info, "get", "node", "node-1", "node-2")
		kubectl(t, info, "create", "configmap", "mark", "--from-literal=dir="+info.Dir)
	}
	for _, info := range []plane.Info{first, second} {
		if got := kubectl(t, info, "get", "configmap", "mark", "-o", "jsonpath={.data.dir}"); got != info.Dir {
			t.Errorf("cluster %s answers for %s", info.Dir, got)
		}
	}
	mustRun(t, env, "down", first.Dir)
	assertGone(t, first)
	kubectl(t, second, "get", "--raw", "/readyz")
	mustRun(t, env, "down", "--all")
	assertGone(t, second)
}

func TestKilledSupervisorLeavesNothing(t *testing.T) {
	env := newCache(t)
	info := up(t, env)
	kubectl(t, info, "run", "pod", "--image=none")
	kubectl(t, info, "wait", "--for=condition=Ready", "pod/pod", "--timeout=30s")
	sleeper := exec.Command(filepath.Join(info.Bin, "kubectl"), "exec", "pod", "--", "sleep", "1000")
	sleeper.Env = append(os.Environ(), environment(info)...)
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the command of exec runs", func() bool {
		return strings.Contains(strings.Join(processes(t, info.Dir), "\n"), "sleep")
	})
	if err := syscall.Kill(info.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = sleeper.Wait()
	assertStopped(t, info)
	// What is left is the folder, for "down" or the next start to remove.
	mustRun(t, env, "down", info.Dir)
	assertGone(t, info)
}

func TestInterruptedStartLeavesNothing(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		for _, verb := range []string{"up", "run"} {
			t.Run(fmt.Sprintf("%s %s", verb, sig), func(t *testing.T) {
				env := newCache(t)
				cmd := command(env, verb)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				var dir string
				eventually(t, "kube-apiserver runs", func() bool {
					dirs, _ := filepath.Glob(filepath.Join(env.clusters(), "*"))
					if len(dirs) == 1 {
						dir = dirs[0]
						return len(processes(t, dir)) >= 2
					}
					return false
				})
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Wait(); err == nil {
					t.Error("an interrupted start ended with success")
				}
				eventually(t, "no process is left", func() bool { return len(processes(t, dir)) == 0 })
				if verb == "run" && sig == syscall.SIGKILL {
					// Nobody is left to remove the folder; the next command does.
					mustRun(t, env, "down", "--all")
				}
				eventually(t, "no folder is left", func() bool {
					left, _ := filepath.Glob(filepath.Join(env.clusters(), "*"))
					return len(left) == 0
				})
			})
		}
	}
}

func TestFailedStartKeepsOnlyLogs(t *testing.T) {
	env := newCache(t)
	cmd := command(env, "up", "--apiserver-flag=--no-such-flag")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("up succeeded: %s", out)
	}
	logs, _ := filepath.Glob(filepath.Join(string(env), "failed", "*", "kube-apiserver.log"))
	if len(logs) != 1 || !strings.Contains(string(out), filepath.Dir(logs[0])) {
		t.Errorf("kept logs are %q, want one that the output names: %s", logs, out)
	}
	if left, _ := filepath.Glob(filepath.Join(env.clusters(), "*")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

func TestRunPassesExitCodeAndStops(t *testing.T) {
	env := newCache(t)
	cmd := command(env, "run", "-q", "--", "sh", "-c", `echo "$E2ETAP_CLUSTER" && kubectl get nodes >&2 && exit 7`)
	cmd.Env = append(cmd.Env, "PATH="+filepath.Join(string(env), "bin")+":"+os.Getenv("PATH"))
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Fatalf("run ended with %v, want exit status 7", err)
	}
	if dir := strings.TrimSpace(string(out)); len(processes(t, dir)) > 0 {
		t.Errorf("left %q", processes(t, dir))
	}
}

func TestRunStopsAtEndOfStdin(t *testing.T) {
	env := newCache(t)
	cmd := command(env, "run", "-o", "json", "--stdin-eof")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var info plane.Info
	if err := json.NewDecoder(stdout).Decode(&info); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
		t.Error(err)
	}
	assertGone(t, info)
}

// testCache is a cache folder of one test, with the real one's binaries.
type testCache string

func (c testCache) clusters() string { return cache.Dir(c).Clusters() }

func newCache(t *testing.T) testCache {
	t.Helper()
	if testing.Short() {
		t.Skip("starts clusters")
	}
	real, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	if missing := binaries.Missing(real); len(missing) > 0 {
		t.Fatalf("%s lacks %q; build with \"go run -C test/cluster . build\"", real, missing)
	}
	dir := t.TempDir()
	for _, path := range []string{real.Bin(), real.KwokStages()} {
		if err := os.Symlink(path, filepath.Join(dir, filepath.Base(path))); err != nil {
			t.Fatal(err)
		}
	}
	env := testCache(dir)
	t.Cleanup(func() { mustRun(t, env, "down", "--all") })
	return env
}

// command returns the command with the cache, to be started.
func command(env testCache, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", cache.Env+"="+string(env))
	return cmd
}

func mustRun(t *testing.T, env testCache, args ...string) []byte {
	t.Helper()
	cmd := command(env, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cluster %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

func up(t *testing.T, env testCache) plane.Info {
	t.Helper()
	var info plane.Info
	if err := json.Unmarshal(mustRun(t, env, "up", "-o", "json"), &info); err != nil {
		t.Fatal(err)
	}
	return info
}

func kubectl(t *testing.T, info plane.Info, args ...string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(info.Bin, "kubectl"), args...)
	cmd.Env = append(os.Environ(), environment(info)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func assertGone(t *testing.T, info plane.Info) {
	t.Helper()
	assertStopped(t, info)
	if _, err := os.Stat(info.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder %s is still there: %v", info.Dir, err)
	}
}

func assertStopped(t *testing.T, info plane.Info) {
	t.Helper()
	eventually(t, "no process is left", func() bool { return len(processes(t, info.Dir)) == 0 })
	server, err := url.Parse(info.Server)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "no port is open", func() bool {
		conn, err := net.Dial("tcp", server.Host)
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
}

// processes returns the command lines of the processes of the cluster in the folder, and of what they started: all have
// their home folder in it.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, path := range environments {
		// A process that has ended meanwhile has no environment.
		environ, _ := os.ReadFile(path)
		if bytes.Contains(environ, []byte("HOME="+dir+"/")) {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			found = append(found, string(bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
		}
	}
	return found
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("not within 30 s: %s", what)
}
