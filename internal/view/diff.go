package view

import (
	"fmt"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/rundiff"
)

// Diff says what changed between two runs, in the words of "report diff".
type Diff struct {
	Before    Compared `json:"before"`
	After     Compared `json:"after"`
	Threshold float64  `json:"threshold"` // see rundiff.Options, as the next
	AtLeast   int64    `json:"at_least"`
	Changes   []Change `json:"changes"` // in the order of rundiff.Compare
}

// Compared is one of the two runs.
type Compared struct {
	Name     string `json:"run"`
	Label    string `json:"label"` // what calls a run of another recording; "" if it is of the same one
	Start    string `json:"start"` // RFC 3339
	Requests int64  `json:"requests"`
	Tests    int64  `json:"tests"` // of these
}

// Change is a rundiff.Change.
type Change struct {
	Kind        string `json:"kind"`
	Test        string `json:"test"`
	Client      string `json:"client"`
	Operation   string `json:"operation"`
	OperationID string `json:"operation_id"` // "" if it is not known, or not the only one that is called so
	Status      *int64 `json:"status"`       // null if the change is not of errors
	Before      int64  `json:"before"`
	After       int64  `json:"after"`
}

// LoadDiff compares run A with run B, which may be of one recording. It reads the rows of their requests without a test.
func LoadDiff(a *db.Reader, aRun db.RunInfo, b *db.Reader, bRun db.RunInfo, o rundiff.Options) (*Diff, error) {
	ids := rundiff.OperationIDs{}
	before, err := loadSide(a, aRun, ids)
	if err != nil {
		return nil, err
	}
	after, err := loadSide(b, bRun, ids)
	if err != nil {
		return nil, err
	}
	d := &Diff{Before: comparedOf(aRun), After: comparedOf(bRun), Threshold: o.Threshold, AtLeast: o.AtLeast, Changes: []Change{}}
	for _, c := range rundiff.Compare(before, after, o) {
		change := Change{
			Kind: string(c.Kind), Test: c.Subject.Test, Client: c.Subject.Client, Operation: c.Operation, OperationID: ids[c.Operation],
			Before: c.Before, After: c.After,
		}
		if c.Status != 0 {
			change.Status = &c.Status
		}
		d.Changes = append(d.Changes, change)
	}
	return d, nil
}

func loadSide(r *db.Reader, run db.RunInfo, ids rundiff.OperationIDs) (*rundiff.Side, error) {
	s, err := rundiff.Read(r, run, ids)
	if err != nil {
		return nil, fmt.Errorf("compare run %q: %w", run.Name, err)
	}
	return s, nil
}

func comparedOf(run db.RunInfo) Compared {
	return Compared{Name: run.Name, Start: run.Start.Format(time.RFC3339Nano), Requests: run.Requests, Tests: run.Tests}
}
