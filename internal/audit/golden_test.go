package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata's golden files")

// Each form of a log is a file of testdata; its golden file has the events and the broken lines, in order.
func TestEachFormOfALogReadsAsItsGoldenFile(t *testing.T) {
	for _, path := range logs(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got := readAll(t, path)
			golden := strings.TrimSuffix(path, ".log") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func logs(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.log")
	if err != nil || len(paths) == 0 {
		t.Fatalf("testdata has no logs: %v", err)
	}
	return paths
}

// seeds are the lines of testdata's logs.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	var lines [][]byte
	for _, path := range logs(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, bytes.Split(data, []byte("\n"))...)
	}
	return lines
}

func readAll(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out strings.Builder
	do := func(e *Event) error {
		line, err := json.Marshal(e)
		fmt.Fprintf(&out, "%s\n", line)
		return err
	}
	if err := Read(file, filepath.Base(path), do, func(b Broken) { fmt.Fprintln(&out, b.Error()) }); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A real log is read line by line as encoding/json reads it: that of the cluster that the tests run against.
func TestARealLogReadsAsWithEncodingJSON(t *testing.T) {
	path := os.Getenv("E2ETAP_AUDIT_LOG")
	if path == "" {
		t.Skip("E2ETAP_AUDIT_LOG names no audit log")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = data[:bytes.LastIndexByte(data, '\n')+1] // the last line is perhaps being written
	scanner := bufio.NewScanner(bytes.NewReader(data))
	scanner.Buffer(nil, len(data)+1)
	lines := 0
	for scanner.Scan() && !t.Failed() {
		lines++
		sameLine(t, scanner.Bytes())
	}
	if scanner.Err() != nil || lines == 0 {
		t.Fatalf("%d lines: %v", lines, scanner.Err())
	}
	events := 0
	err = Read(bytes.NewReader(data), path, func(*Event) error { events++; return nil }, func(b Broken) { t.Error(b) })
	if err != nil || events != lines {
		t.Errorf("%d events in %d lines: %v", events, lines, err)
	}
}

func sameLine(t *testing.T, line []byte) {
	t.Helper()
	p := parser{words: newWords()}
	p.data = line
	if err := p.parse(); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	var want reference
	if err := json.Unmarshal(line, &want); err != nil {
		t.Fatal(err)
	}
	sameAsReference(t, &p, &want)
}
