package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"e2etap/internal/render"
)

// stepSummary names the file that GitHub shows on the page of a job (docs.github.com, Workflow commands for GitHub Actions,
// "Adding a job summary"): Markdown, to be appended to, of at most stepSummaryLimit bytes for each step.
const (
	stepSummary      = "GITHUB_STEP_SUMMARY"
	stepSummaryLimit = 1 << 20
	stepSummaryFold  = 15 // rows of a table that are read without a click
)

func stepSummaryGiven(wanted bool) error {
	if wanted && os.Getenv(stepSummary) == "" {
		return fmt.Errorf("--github: $%s is not set, want the name of a file, as in a step of GitHub Actions", stepSummary)
	}
	return nil
}

// appendStepSummary appends d, in one write, as far as there is room for it.
func appendStepSummary(d render.Document) error {
	f, err := os.OpenFile(os.Getenv(stepSummary), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("$%s: %w", stepSummary, err)
	}
	return errors.Join(appendDocument(f, d), f.Close())
}

func appendDocument(f *os.File, d render.Document) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if info.Size() > 0 {
		b.WriteString("\n\n") // ends the last line, and a table in it
	}
	room := stepSummaryLimit - int(info.Size()) - b.Len()
	if room <= 0 {
		return fmt.Errorf("$%s: %s has %d bytes already, and GitHub takes %d", stepSummary, f.Name(), info.Size(), stepSummaryLimit)
	}
	if err := render.WriteDocument(&b, render.MarkdownFormat, d, render.Limits{Bytes: room, Fold: stepSummaryFold}); err != nil {
		return fmt.Errorf("$%s: %w", stepSummary, err)
	}
	_, err = f.Write(b.Bytes())
	return err
}
