package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary stands for the commands, too: tests find them in PATH and run the real processes.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil { // most tests wait for processes; -parallel goes before this
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"proxy":   main,
		"client":  clientMain,
		"kubectl": clientMain,
		"signals": signalsMain,
		"limited": limitedMain,
		"curl":    curlMain,
	})
}

func TestScript(t *testing.T) {
	api := newAPI(t)
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			tmp := filepath.Join(env.WorkDir, ".tmp")
			env.Setenv("TMPDIR", tmp)
			env.Setenv("KUBECONFIG", filepath.Join(env.WorkDir, "kubeconfig"))
			env.Setenv("TERM", "xterm")
			if err := os.WriteFile(filepath.Join(env.WorkDir, "kubeconfig"), api.kubeconfig(), 0o600); err != nil {
				return err
			}
			return os.MkdirAll(tmp, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"clean": clean,
		},
	})
}

// exits runs a command, whose exit code must be the given one: "exits 7 proxy run -- sh -c 'exit 7'".
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}

// clean fails if something is left of a proxy: a folder, or any of the files named.
func clean(ts *testscript.TestScript, _ bool, args []string) {
	left, err := filepath.Glob(filepath.Join(ts.Getenv("TMPDIR"), "*"))
	ts.Check(err)
	for _, name := range args {
		found, err := filepath.Glob(ts.MkAbs(name) + "*")
		ts.Check(err)
		left = append(left, found...)
	}
	if len(left) > 0 {
		ts.Fatalf("left behind: %q", left)
	}
}

// signalsMain is a command that writes "ready", then the name of every signal that it gets, each on a line; SIGTERM
// ends it with code 42.
func signalsMain() {
	c := make(chan os.Signal, 16)
	signal.Notify(c, forwarded...)
	fmt.Println("ready")
	for sig := range c {
		fmt.Println(sig)
		if sig == syscall.SIGTERM {
			os.Exit(42)
		}
	}
}
