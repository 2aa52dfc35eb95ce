package rundiff

import (
	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Subject is whose requests are compared: a test's, those that a client sent without a test, or, as the zero value, discovery.
type Subject struct {
	Test   string
	Client string // the program that the User-Agent names, "" for tests; [NoProgram] if there is none
}

// NoProgram is the client of requests without a test and without a User-Agent.
const NoProgram = "(none)"

// isDiscovery tells whether the subject is all discovery of the run.
func (s Subject) isDiscovery() bool { return s == Subject{} }

// Side is one of two runs, summed up to be compared.
type Side struct{ subjects map[Subject]*counts }

// counts are a subject's requests.
type counts struct {
	requests, watches int64
	conflicts         int64            // of the requests; they are not among errors
	operations        map[string]int64 // requests by operation, watches too
	errors            map[failure]int64
}

// failure is a kind of errors.
type failure struct {
	operation string
	status    int64
}

// Read sums up a run of a recording, and adds the IDs of its operations.
func Read(r *db.Reader, run db.RunInfo, ids OperationIDs) (*Side, error) {
	s := &Side{map[Subject]*counts{}}
	runs := []int64{run.ID}
	err := r.ByEndpoint(db.Filter{Runs: runs}, func(test string, e db.Endpoint, _, status, requests int64) error {
		if test != "" {
			s.add(Subject{Test: test}, e, status, requests)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = r.Facts(db.Filter{Runs: runs, Tests: []string{""}}, func(f *db.Fact) error {
		client := traffic.Program(f.UserAgent)
		if client == "" {
			client = NoProgram
		}
		s.add(Subject{Client: client}, f.Endpoint, int64(f.Status), 1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, ids.learn(r, run)
}

func (s *Side) add(who Subject, e db.Endpoint, status, requests int64) {
	s.of(who) // a test that only asks for discovery is a test
	if e.Resource == "" {
		who = Subject{}
	}
	c := s.of(who)
	operation := OperationOf(e)
	c.operations[operation] += requests
	if e.Verb == "watch" {
		c.watches += requests
	} else {
		c.requests += requests
	}
	switch {
	case isConflict(e.Verb, status):
		c.conflicts += requests
	case status >= 400:
		c.errors[failure{operation, status}] += requests
	}
}

// isConflict tells whether somebody else was faster (409 of an update or patch), so that the client reads the object again and
// tries once more. The 409 of a create is no race: the name is taken.
func isConflict(verb string, status int64) bool {
	return status == 409 && (verb == "update" || verb == "patch")
}

func (s *Side) of(who Subject) *counts {
	c := s.subjects[who]
	if c == nil {
		c = &counts{operations: map[string]int64{}, errors: map[failure]int64{}}
		s.subjects[who] = c
	}
	return c
}

// operations sums up those of all subjects.
func (s *Side) operations() map[string]int64 {
	all := map[string]int64{}
	for _, c := range s.subjects {
		for operation, n := range c.operations {
			all[operation] += n
		}
	}
	return all
}
