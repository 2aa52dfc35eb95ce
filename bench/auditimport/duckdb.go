//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// duckDB builds the program in the folder duckdb, which is a module of its own, and makes a table of the log with it.
func (s *stage) duckDB() (*subject, error) {
	dir, err := exec.CommandContext(s.ctx, "go", "list", "-f", "{{.Dir}}", "e2etap/bench/auditimport").Output()
	if err != nil {
		return nil, err
	}
	program := s.path("duckdb")
	s.say("build DuckDB")
	build := exec.CommandContext(s.ctx, "go", "build", "-o", program, ".")
	build.Dir = filepath.Join(strings.TrimSpace(string(dir)), "duckdb")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build it: %w: %s", err, text)
	}
	version, err := exec.CommandContext(s.ctx, program).Output()
	if err != nil {
		return nil, err
	}
	return &subject{
		name: "DuckDB", note: strings.TrimSpace(string(version)) + ", `CREATE TABLE audit AS SELECT * FROM read_json(…)` into a database file",
		run: func(log string, events int) (usage, error) {
			db := s.path("audit.duckdb")
			defer os.Remove(db)
			var out strings.Builder
			u, err := runMeasured(command(s.ctx, program, db, log), &out)
			if err == nil && strings.TrimSpace(out.String()) != fmt.Sprint(events) {
				err = fmt.Errorf("%s rows, want %d", out.String(), events)
			}
			return u, err
		},
	}, nil
}
