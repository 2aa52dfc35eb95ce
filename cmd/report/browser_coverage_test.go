package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// conformingTest is one of the conformance tests of v1.37.
const conformingTest = "[sig-node] Pods should be submitted and removed [Conformance] [NodeConformance]"

// TestCoverageInABrowser compares the view of operations with "report coverage", "report endpoint" and "report test".
func TestCoverageInABrowser(t *testing.T) {
	b := inBrowser(t)
	path, file := b.path("e2e.db"), b.path("coverage.html")
	if err := coveredSpectacle(path); err != nil {
		t.Fatal(err)
	}
	says(t, "html", "--db", path, "--out", file)
	type counted struct {
		Params map[string]string          `json:"params"`
		By     map[string]json.RawMessage `json:"by"` // tables by dimensions
	}
	var all []counted
	for _, choice := range []struct {
		params map[string]string
		flags  []string
	}{
		{nil, nil}, {map[string]string{"conformance": "1"}, []string{"--only-conformance"}}, {map[string]string{"successful": "1"}, []string{"--successful"}},
		{map[string]string{"eligible": "1"}, []string{"--eligible"}},
		{map[string]string{"conformance": "1", "successful": "1", "eligible": "1"}, []string{"--only-conformance", "--successful", "--eligible"}},
	} {
		c := counted{choice.params, map[string]json.RawMessage{}}
		for _, by := range []string{"level", "level,group", "kind"} {
			c.By[by] = asked(t, path, append([]string{"coverage", "--by", by}, choice.flags...)...)
		}
		all = append(all, c)
	}
	b.check("browser.mjs", map[string]any{
		"checks": "./coverage.mjs", "file": "file://" + file, "server": serving(t, path),
		"coverage": all, "endpoint": asked(t, path, "endpoint", "readCoreV1NamespacedPod"), "test": asked(t, path, "test", conformingTest),
		"names": map[string]string{"conforming": conformingTest, "plain": plainTest},
	})
}

// coveredSpectacle records a run of a server whose operations are known: an excerpt of Kubernetes' and a custom resource's.
func coveredSpectacle(path string) error {
	rec, err := db.Create(path, traffic.Run{Name: "covered", ServerVersion: "v1.37.2", Start: start}, db.Options{})
	if err != nil {
		return err
	}
	s := &stage{rec: rec}
	s.err = setExcerpt(rec)
	s.spec(plainTest, "1", traffic.SpecPassed, 1000, 9000)
	s.spec(conformingTest, "2", traffic.SpecFailed, 1500, 12_000)
	s.life(plainTest, "pods-1", 1000)
	s.ask(conformingTest, 2000, 3, "get", "pods", "a", "x", 200)
	s.ask(conformingTest, 2010, 3, "delete", "pods", "a", "x", 500)
	s.ask(conformingTest, 2020, 3, "watch", "pods", "a", "", 200)
	s.ask(conformingTest, 2030, 3, "list", "nodes", "", "", 200)
	s.ask(conformingTest, 2040, 3, "create", "deployments", "a", "", 403)
	s.ask("", 2050, 3, "get", "nodes", "", "worker", 200)
	for i, version := range []string{"/version/", "/healthz"} {
		s.err = errors.Join(s.err, rec.Finish(&traffic.Request{
			Start: s.at(3000 + i), Duration: time.Millisecond, Method: "GET", Path: version, Status: 200, API: traffic.API{Verb: "get"},
			Attribution: traffic.Attribution{Test: plainTest, Source: traffic.SourceUserAgent},
		}))
	}
	return errors.Join(s.err, rec.Close(traffic.RunEnd{End: start.Add(70 * time.Second)}))
}

func setExcerpt(rec *db.Recorder) error {
	f, err := os.Open(filepath.Join("..", "..", "internal", "operation", "testdata", "swagger.json"))
	if err != nil {
		return err
	}
	defer f.Close()
	ops, err := operation.Read(f, f.Name())
	if err != nil {
		return err
	}
	ops = append(ops, operation.Operation{
		ID: "listTap", Method: "GET", Path: "/apis/example.com/v1/taps", Group: "example.com", Version: "v1", Kind: "Tap<b>", Action: "list",
	})
	document, err := operation.Encode(ops)
	return errors.Join(err, rec.SetOperations(document))
}
