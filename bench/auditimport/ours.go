//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// ours imports into a recording that is new: an empty file.
func (s *stage) ours(b build) (*subject, error) {
	note := b.path
	if b.path == "" {
		b.path, note = s.path("report"), "built from this checkout"
		if text, err := exec.CommandContext(s.ctx, "go", "build", "-o", b.path, "e2etap/cmd/report").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build e2etap/cmd/report: %w\n%s", err, text)
		}
	}
	recording := s.path("recording")
	return &subject{
		name: b.name, note: "`report import-audit` into a new recording, " + note,
		run: func(log string, events int) (usage, error) {
			if err := os.WriteFile(recording, nil, 0o600); err != nil {
				return usage{}, err
			}
			defer os.Remove(recording)
			var out strings.Builder
			u, err := runMeasured(command(s.ctx, b.path, "import-audit", "--db", recording, "-o", "csv", log), &out)
			if err != nil {
				return usage{}, err
			}
			return u, checkCSV(out.String(), events)
		},
	}, nil
}

// checkCSV makes sure that what was measured did its work: its second column has the events.
func checkCSV(text string, events int) error {
	lines := strings.Fields(text)
	if len(lines) != 2 {
		return fmt.Errorf("output %q, want a header and a line", text)
	}
	if columns := strings.Split(lines[1], ","); len(columns) < 2 || columns[1] != fmt.Sprint(events) {
		return fmt.Errorf("imported %q of %d events", lines[1], events)
	}
	return nil
}
