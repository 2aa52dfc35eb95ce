package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Audited is what only the audit log has of a run's time: what "report --include audit" adds. Recorded requests are not in it.
type Audited struct {
	Roles []AuditedRole `json:"roles"` // those that have requests, in traffic.Role's order
	Tests []AuditedTest `json:"tests"` // most requests first, and by name
}

// AuditedRole counts requests of one role.
type AuditedRole struct {
	Role      string `json:"role"` // as "report --by role" names it
	Requests  int64  `json:"requests"`
	Errors4xx int64  `json:"errors_4xx"`
	Errors5xx int64  `json:"errors_5xx"`
}

// AuditedTest is a test that the log has requests of, or those of none.
type AuditedTest struct {
	Name  string        `json:"test"` // "" for requests without a test
	Roles []AuditedRole `json:"roles"`
	Asked []Asked       `json:"asked"` // most requests first
}

// Asked is what a program asked for.
type Asked struct {
	AuditedRole
	Client      string `json:"client"` // the program that the User-Agent names
	Verb        string `json:"verb"`
	Group       string `json:"group"`
	Version     string `json:"version"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Path        string `json:"path"` // of what is no resource
}

// LoadAudited reads what only the audit log has of a run's time. nil: nothing, or no log was imported. It reads the log's rows.
func LoadAudited(r *db.Reader, info db.RunInfo) (*Audited, error) {
	counts, err := r.Audited(db.Filter{Runs: []int64{info.ID}})
	if err != nil {
		return nil, fmt.Errorf("view of run %q: %w", info.Name, err)
	}
	if len(counts) == 0 {
		return nil, nil
	}
	all, tests := roleSums{}, map[string]*auditedTest{}
	for a, n := range counts {
		all.add(a, n)
		t := tests[a.Test]
		if t == nil {
			t = &auditedTest{roleSums{}, map[db.Audited]*AuditedRole{}}
			tests[a.Test] = t
		}
		t.roles.add(a, n)
		t.add(a, n)
	}
	audited := &Audited{Roles: all.list()}
	for name, t := range tests {
		audited.Tests = append(audited.Tests, AuditedTest{name, t.roles.list(), t.list()})
	}
	slices.SortFunc(audited.Tests, func(a, b AuditedTest) int {
		return cmp.Or(cmp.Compare(requestsOf(b.Roles), requestsOf(a.Roles)), cmp.Compare(a.Name, b.Name))
	})
	return audited, nil
}

func requestsOf(roles []AuditedRole) (n int64) {
	for _, r := range roles {
		n += r.Requests
	}
	return n
}

func (r *AuditedRole) add(status int, requests int64) {
	r.Requests += requests
	switch status / 100 {
	case 4:
		r.Errors4xx += requests
	case 5:
		r.Errors5xx += requests
	}
}

// roleSums adds up requests by role.
type roleSums map[traffic.Role]*AuditedRole

func (s roleSums) add(a db.Audited, requests int64) {
	if s[a.Role] == nil {
		s[a.Role] = &AuditedRole{Role: a.Role.String()}
	}
	s[a.Role].add(a.Status, requests)
}

func (s roleSums) list() (all []AuditedRole) {
	for _, role := range slices.Sorted(maps.Keys(s)) {
		all = append(all, *s[role])
	}
	return all
}

// auditedTest is an AuditedTest that is being added up.
type auditedTest struct {
	roles roleSums
	asked map[db.Audited]*AuditedRole // whatever the test and the status
}

func (t *auditedTest) add(a db.Audited, requests int64) {
	status := a.Status
	a.Test, a.Status = "", 0
	if t.asked[a] == nil {
		t.asked[a] = &AuditedRole{Role: a.Role.String()}
	}
	t.asked[a].add(status, requests)
}

func (t *auditedTest) list() (all []Asked) {
	for a, sums := range t.asked {
		e := a.Endpoint
		all = append(all, Asked{*sums, a.Client, e.Verb, e.Group, e.Version, e.Resource, e.Subresource, e.Path})
	}
	slices.SortFunc(all, func(a, b Asked) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Subresource, b.Subresource), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Path, b.Path))
	})
	return all
}
