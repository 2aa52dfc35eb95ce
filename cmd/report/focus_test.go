package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// alike records six tests that list nodes, each in the same phase, and returns the recording.
func alike(t *testing.T, phase traffic.Phase) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Start: start, ServerVersion: "v1.37.2"}, db.Options{})
	check(t, err)
	document, err := operation.Encode([]operation.Operation{{ID: "listCoreV1Node", Method: "GET", Path: "/api/v1/nodes", Version: "v1", Kind: "Node", Action: "list"}})
	check(t, err)
	check(t, rec.SetOperations(document))
	for i := range 6 {
		check(t, rec.Finish(&traffic.Request{
			Start: start, Method: "GET", Path: "/api/v1/nodes", Status: 200, API: traffic.API{Verb: "list", Version: "v1", Resource: "nodes"},
			Attribution: traffic.Attribution{Test: fmt.Sprintf("test %d", i), Source: traffic.SourceUserAgent, Phase: phase},
		}))
	}
	check(t, rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}))
	return path
}

func TestFocusSaysWhatItTakesForNoise(t *testing.T) {
	const taken = "report: taken for noise (asked for by 75 % of 6 tests at least"
	for phase, want := range map[traffic.Phase]string{
		traffic.PhaseSetup:   taken + ", by most of them outside of their bodies only):\n  listCoreV1Node: 6 tests\n",
		traffic.PhaseUnknown: taken + "; nothing tells of phases in run-1, so it may be what they test):\n  listCoreV1Node: 6 tests\n",
		traffic.PhaseBody:    "report: nothing is taken for noise (asked for by 75 % of 6 tests at least, by most of them outside of their bodies only)\n",
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), []string{"focus", "--db", alike(t, phase), "-o", "csv"}, nil, &stdout, &stderr)
		_, said, _ := strings.Cut(stderr.String(), "\n") // after the lists
		noise := phase != traffic.PhaseBody
		if code != 0 || said != want || strings.Contains(stdout.String(), "test 3,no,0,0,1,1,") != noise {
			t.Errorf("phase %q: code %d, stderr %q, want %q, and noise %v in\n%s", phase, code, said, want, noise, stdout.String())
		}
	}
}
