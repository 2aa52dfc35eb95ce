package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// serving runs "report serve" until the test ends and returns the address that it prints.
func serving(t *testing.T, path string, flags ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"serve", "--db", path}, flags...), nil, in, &stderr)
		in.Close()
	}()
	t.Cleanup(func() {
		stop()
		if got := <-code; got != 0 || stderr.Len() > 0 {
			t.Errorf("report serve: exit code %d, want 0, and on stderr: %q", got, stderr.String())
		}
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(url)
}

func TestServeShowsTheRunThatWasTheLatest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e2e.db")
	for _, name := range []string{"first", "second"} {
		if err := spied(path, name); err != nil {
			t.Fatal(err)
		}
	}
	url := serving(t, path)
	if err := spied(path, "third"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(url + "api/model")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var model struct{ Run struct{ Run string } }
	if err := json.NewDecoder(answer.Body).Decode(&model); err != nil || model.Run.Run != "second" {
		t.Errorf("run %q, error %v; want second", model.Run.Run, err)
	}
}
