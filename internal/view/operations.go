package view

import (
	"bytes"
	"errors"

	"e2etap/internal/conformance"
	"e2etap/internal/coverage"
	"e2etap/internal/db"
)

// Operations are those of a run's API server, and what the conformance programme says of them, as "report coverage" has it without
// lists of the user's. Which requests were for an operation is told by [Model.Uses] and [Endpoint.Operation].
type Operations struct {
	Known            bool        `json:"known"`             // false: the recording has no OpenAPI documents of the server
	TestsKnown       bool        `json:"tests_known"`       // whether Test.Conformance is known
	EligibilityKnown bool        `json:"eligibility_known"` // whether Operation.Eligible is known
	Lists            string      `json:"lists"`             // the minor of Kubernetes that the lists are of: "v1.37"; "" if there are none
	Operations       []Operation `json:"operations"`        // by path, then method
}

// Operation is a method of a path that the API server documents. See [coverage.Op].
type Operation struct {
	ID         string `json:"operation"`
	Method     string `json:"method"`
	Path       string `json:"path"`
	Group      string `json:"group"`
	Version    string `json:"version"`
	Kind       string `json:"kind"`
	Verb       string `json:"verb"`
	Level      string `json:"level"`
	Deprecated bool   `json:"deprecated"`
	Eligible   bool   `json:"eligible"`
	Why        string `json:"why"`     // it is not eligible; "" for eligible ones
	Pending    bool   `json:"pending"` // eligible, and may lack a test for now
}

// LoadOperations reads the operations of a run's API server. The index keeps them, and reads them again only when the recording has
// others: while a run is recorded, custom resources may come. The answer must not be changed.
func LoadOperations(r *db.Reader, info db.RunInfo, endpoints *Index) (*Operations, error) {
	j := &endpoints.judged
	j.readLists(info.ServerVersion)
	document, err := r.Operations(info.ID)
	if err != nil {
		return nil, err
	}
	if j.resolve == nil || !bytes.Equal(document, j.document) {
		err = j.readOperations(r, info, document)
	}
	return j.operations, err
}

// judged is what is known of operations and tests of one run.
type judged struct {
	version  string // of the server that lists are for
	lists    conformance.Lists
	isListed map[string]bool // tests that Match was asked about

	document   []byte // that operations were read from
	operations *Operations
	resolve    func(db.Endpoint) *int // nil before the first reading
}

// readLists reads the lists for a server's version, once. Without a version there are none.
func (j *judged) readLists(version string) {
	if j.isListed != nil && j.version == version {
		return
	}
	lists, _, err := conformance.Load(version)
	if err != nil {
		lists = conformance.Lists{}
	}
	j.version, j.lists, j.isListed, j.resolve = version, lists, map[string]bool{}, nil
}

func (j *judged) readOperations(r *db.Reader, info db.RunInfo, document []byte) error {
	run, err := coverage.Load(r, info)
	switch {
	case errors.Is(err, coverage.ErrNoOperations):
		run = &coverage.Run{Info: info}
	case err != nil:
		return err
	}
	run.Judge(j.lists)
	all := &Operations{
		Known: err == nil, TestsKnown: run.TestsKnown(), EligibilityKnown: run.EligibilityKnown(), Lists: j.lists.Version,
		Operations: make([]Operation, len(run.Operations)),
	}
	numbers := make(map[*coverage.Op]*int, len(run.Operations))
	for i := range run.Operations {
		all.Operations[i] = operationOf(&run.Operations[i])
		numbers[&run.Operations[i]] = &i
	}
	resolve := run.Resolver()
	j.document, j.operations = document, all
	j.resolve = func(e db.Endpoint) *int { return numbers[resolve(e)] }
	return nil
}

func operationOf(op *coverage.Op) Operation {
	o := Operation{
		ID: op.ID, Method: op.Method, Path: op.Path, Group: op.Group, Version: op.Version, Kind: op.Kind, Verb: op.Verb(), Level: op.Level.String(),
		Deprecated: op.Deprecated, Eligible: op.Eligible, Why: op.Why, Pending: op.Eligible && op.Why != "",
	}
	if op.Eligible {
		o.Why = ""
	}
	return o
}

// isConformance tells whether the lists have a test.
func (j *judged) isConformance(test string) bool {
	is, asked := j.isListed[test]
	if !asked && test != "" {
		_, is = j.lists.Match(test)
		j.isListed[test] = is
	}
	return is
}

// judge completes a model with what LoadOperations knows.
func (m *Model) judge(r *db.Reader, info db.RunInfo, endpoints *Index) error {
	if _, err := LoadOperations(r, info, endpoints); err != nil {
		return err
	}
	for i := range m.Tests {
		m.Tests[i].Conformance = endpoints.judged.isConformance(m.Tests[i].Name)
	}
	for e, n := range endpoints.numbers {
		endpoints.all[n].Operation = endpoints.judged.resolve(e)
	}
	return nil
}
