//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

const jqProgram = `[.auditID,.verb,.requestURI,.userAgent,.responseStatus.code]`

// jq writes a few fields of each event to a file.
func (s *stage) jq() (*subject, error) {
	version, err := exec.CommandContext(s.ctx, "jq", "--version").Output()
	if err != nil {
		return nil, err
	}
	return &subject{
		name: "jq", note: fmt.Sprintf("%s, `jq -c '%s'` to a file", strings.TrimSpace(string(version)), jqProgram),
		run: func(log string, events int) (usage, error) {
			out, err := os.Create(s.path("jq.json"))
			if err != nil {
				return usage{}, err
			}
			defer os.Remove(out.Name())
			defer out.Close()
			u, err := runMeasured(command(s.ctx, "jq", "-c", jqProgram, log), out)
			if err != nil {
				return usage{}, err
			}
			return u, checkLines(out, events)
		},
	}, nil
}

func checkLines(file *os.File, want int) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	lines, block := 0, make([]byte, 1<<16)
	for {
		n, err := file.Read(block)
		lines += bytes.Count(block[:n], []byte("\n"))
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if lines != want {
		return fmt.Errorf("%d lines, want %d", lines, want)
	}
	return nil
}
