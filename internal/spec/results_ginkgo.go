package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// specReport is what is read of ginkgo's types.SpecReport.
type specReport struct {
	ContainerHierarchyTexts  []string
	ContainerHierarchyLabels [][]string
	LeafNodeType             string
	LeafNodeText             string
	LeafNodeLabels           []string
	LeafNodeLocation         codeLocation
	State                    string
	StartTime, EndTime       time.Time
	Failure                  struct{ Message string }
	RunTime                  time.Duration // nanoseconds
	ParallelProcess          int
	NumAttempts              int
	SpecEvents               []specEvent
}

type codeLocation struct {
	FileName      string
	LineNumber    int
	CustomMessage string
}

// readReport reads ginkgo's JSON report, a list of types.Report. It holds one spec's report at a time: reports may be
// hundreds of megabytes.
func readReport(in io.Reader, count *counter) ([]traffic.Spec, error) {
	r := &reportReader{dec: json.NewDecoder(in)}
	if err := r.list(r.suite); err != nil {
		return nil, r.explain(err, count)
	}
	return r.specs, nil
}

type reportReader struct {
	dec   *json.Decoder
	specs []traffic.Spec
}

// explain says where the report breaks off or errs.
func (r *reportReader) explain(err error, count *counter) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return brokenOff("JSON", count.n)
	}
	return fmt.Errorf("JSON at byte %d: %w", r.dec.InputOffset(), err)
}

// list reads a list and calls each for its elements. null is an empty list.
func (r *reportReader) list(each func() error) error {
	token, err := r.dec.Token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('[') {
		return fmt.Errorf("%v where a list was expected: not a report of ginkgo", token)
	}
	for r.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err = r.dec.Token()
	return err
}

// suite reads a types.Report.
func (r *reportReader) suite() error {
	if token, err := r.dec.Token(); err != nil {
		return err
	} else if token != json.Delim('{') {
		return fmt.Errorf("%v where a suite was expected: not a report of ginkgo", token)
	}
	first, isSuite := len(r.specs), false
	var config struct{ ParallelTotal int }
	for r.dec.More() {
		key, err := r.dec.Token()
		if err != nil {
			return err
		}
		switch key {
		case "SpecReports":
			isSuite = true
			err = r.list(r.spec)
		case "SuiteConfig":
			err = r.dec.Decode(&config)
		default:
			var skipped json.RawMessage
			err = r.dec.Decode(&skipped)
		}
		if err != nil {
			return err
		}
	}
	if config.ParallelTotal <= 1 {
		for i := first; i < len(r.specs); i++ {
			r.specs[i].Worker = ""
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return err
	}
	if !isSuite {
		return errors.New("no SpecReports in a suite: not a report of ginkgo 2")
	}
	return nil
}

// spec reads a types.SpecReport. Specs that were filtered out are left out.
func (r *reportReader) spec() error {
	var report specReport
	if err := r.dec.Decode(&report); err != nil {
		return err
	}
	if report.filtered() {
		return nil
	}
	spec := traffic.Spec{
		Worker: strconv.Itoa(report.ParallelProcess), Start: report.StartTime, End: report.EndTime,
		Duration: report.RunTime, Outcome: stateOutcome(report.State), Attempts: report.NumAttempts,
		Labels: report.labels(), Location: report.LeafNodeLocation.String(), Phases: phasesOf(report.SpecEvents),
	}
	if report.LeafNodeType == "It" {
		spec.Test = join(append(report.ContainerHierarchyTexts, report.LeafNodeText)...)
	} else {
		spec.Node = report.LeafNodeType
	}
	if spec.Test != "" || spec.Node != "" {
		r.specs = append(r.specs, spec)
	}
	return nil
}

// filtered tells whether a spec was not to run at all. In parallel processes such a spec has a start all the same, but no end,
// as one that was skipped because of a failure has, which says so.
func (r *specReport) filtered() bool {
	return r.StartTime.IsZero() || r.EndTime.IsZero() && r.State == "skipped" && r.Failure.Message == ""
}

func (r *specReport) labels() []string {
	var labels []string
	for _, of := range append(r.ContainerHierarchyLabels, r.LeafNodeLabels) {
		for _, label := range of {
			if !slices.Contains(labels, label) {
				labels = append(labels, label)
			}
		}
	}
	return labels
}

func (l codeLocation) String() string {
	if l.CustomMessage != "" || l.FileName == "" {
		return l.CustomMessage
	}
	return shortLocation(l.FileName) + ":" + strconv.Itoa(l.LineNumber)
}

// stateOutcome reads a types.SpecState.
func stateOutcome(state string) traffic.SpecOutcome {
	switch strings.ToLower(state) {
	case "passed":
		return traffic.SpecPassed
	case "failed", "panicked", "timedout", "aborted":
		return traffic.SpecFailed
	case "skipped":
		return traffic.SpecSkipped
	case "pending":
		return traffic.SpecPending
	case "interrupted":
		return traffic.SpecInterrupted
	}
	return traffic.SpecUnknown
}
