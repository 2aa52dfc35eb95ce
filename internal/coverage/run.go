package coverage

import (
	"errors"
	"fmt"

	"e2etap/internal/conformance"
	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// Run is what the requests of a run are to the operations of its API server.
type Run struct {
	Info       db.RunInfo
	Operations []Op // all of the server's, by path, then method
	Unresolved []Unresolved
	Lists      *conformance.Lists // what Judge was given; nil before
}

// Op is an operation and what the run has asked of it.
type Op struct {
	operation.Operation
	Hits

	Eligible bool   // for conformance tests; false before Run.Judge
	Why      string // it is not eligible, or "pending"
}

// Unresolved is an endpoint that no operation has.
type Unresolved struct {
	db.Endpoint
	Hits
}

// Counts are numbers of requests; see the package's comment.
type Counts struct {
	Requests  int64
	Successes int64
	Watches   int64 // watches that count for a list
}

// Hits are the requests for an operation.
type Hits struct {
	Counts
	Tests []TestUse // by name; requests without a test come first, under ""
}

// TestUse is a test's part of Hits.
type TestUse struct {
	Test        string
	Conformance bool // it is a conformance test; false before Run.Judge
	Counts
	Statuses []StatusCount              // by status
	Sources  [traffic.SourceCount]int64 // requests by what named the test
}

// StatusCount is the number of requests with a status.
type StatusCount struct {
	Status   int // 0: no answer
	Requests int64
}

// ErrNoOperations is the error of a run whose API server's operations are not known.
var ErrNoOperations = errors.New("the operations of its API server are not known")

// Load counts the requests of a run by operation. It reads no rows of requests.
func Load(r *db.Reader, run db.RunInfo) (*Run, error) {
	document, err := r.Operations(run.ID)
	if err != nil {
		return nil, err
	}
	if len(document) == 0 {
		return nil, fmt.Errorf("run %s: %w\nhint: \"report import-openapi FILE... --run %s\" gives it those of OpenAPI documents, "+
			"which \"kubectl get --raw /openapi/v2\" fetches", run.Name, ErrNoOperations, run.Name)
	}
	operations, err := operation.Decode(document)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", run.Name, err)
	}
	c := newCounter(operations)
	if err := r.ByEndpoint(db.Filter{Runs: []int64{run.ID}}, c.add); err != nil {
		return nil, err
	}
	return &Run{Info: run, Operations: c.ops, Unresolved: c.unresolved}, nil
}

// Operation returns the operation with an operationId; nil if the server has none.
func (r *Run) Operation(id string) *Op {
	for i := range r.Operations {
		if r.Operations[i].ID == id {
			return &r.Operations[i]
		}
	}
	return nil
}

// TestOp is an operation that a test has asked for, and how.
type TestOp struct {
	Op  *Op
	Use *TestUse
}

// OperationsOf returns the operations that a test has asked for, by path, then method; "" stands for requests without a
// test.
func (r *Run) OperationsOf(test string) []TestOp {
	var all []TestOp
	for i := range r.Operations {
		op := &r.Operations[i]
		if use := op.Use(test); use != nil {
			all = append(all, TestOp{op, use})
		}
	}
	return all
}
