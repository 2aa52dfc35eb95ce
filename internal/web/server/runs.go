package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"e2etap/internal/db"
)

// runList is what can be shown.
type runList struct {
	Shown string    `json:"shown"` // without a choice
	Runs  []runLine `json:"runs"`  // newest first
}

type runLine struct {
	Name     string  `json:"run"`
	Start    string  `json:"start"`     // RFC 3339
	End      *string `json:"end"`       // null if it has none
	ExitCode *int    `json:"exit_code"` // null without an end
	Requests int64   `json:"requests"`
	Tests    int64   `json:"tests"`
	Specs    int64   `json:"specs"`
}

func (s *Server) runs(a *asked) (any, error) {
	runs, err := a.Runs()
	list := runList{Shown: s.Run, Runs: make([]runLine, 0, len(runs))}
	for _, info := range slices.Backward(runs) {
		line := runLine{
			Name: info.Name, Start: info.Start.Format(time.RFC3339Nano), End: endOf(&info), Requests: info.Requests, Tests: info.Tests, Specs: info.Specs,
		}
		if line.End != nil {
			line.ExitCode = &info.ExitCode
		}
		list.Runs = append(list.Runs, line)
	}
	return list, err
}

// find finds the run of a name; "" is the one that is shown first.
func (s *Server) find(r *db.Reader, name string) (db.RunInfo, error) {
	if name == "" {
		name = s.Run
	}
	runs, err := r.Runs()
	if err != nil {
		return db.RunInfo{}, err
	}
	var names []string
	for _, run := range runs {
		if run.Name == name {
			return run, nil
		}
		names = append(names, run.Name)
	}
	return db.RunInfo{}, refusal{http.StatusNotFound, fmt.Errorf("no run named %.200q in the recording: it has %s", name, strings.Join(names, ", "))}
}
