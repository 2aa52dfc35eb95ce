// Package digest says what a recorded run was at a glance, and what of that is different from another run. It is for people who
// look at a pull request or at a job of CI: figures of the run, its tests, its errors and its failed specs.
//
// It does not explain a difference (which operations, which clients), does not judge one, and formats no output.
package digest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Digest is a run at a glance.
type Digest struct {
	Run      db.RunInfo
	Total    db.Group   // of all requests
	Tests    []db.Group // by test, the most requests first; the one of requests without a test has the key ""
	Untagged []Cause    // the most requests first
	Outcomes [outcomes]int64
	Failed   []Failure // in the order they began

	statuses map[string]string
}

// Cause is why requests have no test.
type Cause struct {
	Why      string // "suite", see [traffic.WhyNames]
	Requests int64
}

// Read makes the digest of a run. While the run is being recorded, its parts may be of slightly different moments.
func Read(r *db.Reader, run db.RunInfo) (*Digest, error) {
	d := &Digest{Run: run}
	all := db.Filter{Runs: []int64{run.ID}}
	var err error
	if d.Tests, d.Total, err = r.Summarize([]db.Dimension{db.Test}, all); err != nil {
		return nil, err
	}
	byStatus, _, err := r.Summarize([]db.Dimension{db.Test, db.Status}, all)
	if err != nil {
		return nil, err
	}
	d.statuses = statusesOf(byStatus)
	if d.Untagged, err = causes(r, run.ID); err != nil {
		return nil, err
	}
	_, specs, err := r.Known(run.ID)
	if err != nil {
		return nil, fmt.Errorf("specs of run %s: %w", run.Name, err)
	}
	d.addSpecs(specs)
	return d, nil
}

func causes(r *db.Reader, run int64) ([]Cause, error) {
	groups, _, err := r.Summarize([]db.Dimension{db.Why}, db.Filter{Runs: []int64{run}, Tests: []string{""}})
	var list []Cause
	for _, g := range groups {
		list = append(list, Cause{g.Keys[0], g.Requests})
	}
	return list, err
}

// statusesOf lists each test's errors by status: "404 12, 409 3". groups have the most requests first.
func statusesOf(groups []db.Group) map[string]string {
	words := map[string][]string{}
	for i := range groups {
		if g := &groups[i]; g.Errors4xx+g.Errors5xx > 0 {
			words[g.Keys[0]] = append(words[g.Keys[0]], fmt.Sprintf("%s %d", g.Keys[1], g.Requests))
		}
	}
	lists := map[string]string{}
	for test, w := range words {
		lists[test] = strings.Join(w, ", ")
	}
	return lists
}

// Statuses lists the errors of a test by status, the commonest first: "404 12, 409 3". "" if it has none.
func (d *Digest) Statuses(test string) string { return d.statuses[test] }

// Busiest returns up to n tests, those with the most requests first. Requests without a test are of none.
func (d *Digest) Busiest(n int) []db.Group {
	tests := slices.DeleteFunc(slices.Clone(d.Tests), func(g db.Group) bool { return g.Keys[0] == "" })
	return tests[:min(n, len(tests))]
}

// Slowest returns up to n tests, those with the slowest single requests first: [db.Group.Max]. Long-running requests, whose
// length is the client's choice, do not count.
func (d *Digest) Slowest(n int) []db.Group {
	tests := slices.DeleteFunc(slices.Clone(d.Tests), func(g db.Group) bool { return g.Keys[0] == "" || g.Timed == 0 })
	slices.SortStableFunc(tests, func(a, b db.Group) int { return cmp.Compare(b.Max, a.Max) })
	return tests[:min(n, len(tests))]
}

// Erring returns the tests whose requests had errors, and "" if those without a test had: the most answers of 500 and above
// first, then the most of 400 to 499.
func (d *Digest) Erring() []db.Group {
	tests := slices.DeleteFunc(slices.Clone(d.Tests), func(g db.Group) bool { return g.Errors4xx+g.Errors5xx == 0 })
	slices.SortStableFunc(tests, func(a, b db.Group) int {
		return cmp.Or(cmp.Compare(b.Errors5xx, a.Errors5xx), cmp.Compare(b.Errors4xx, a.Errors4xx))
	})
	return tests
}

// UntaggedRequests counts the requests without a test.
func (d *Digest) UntaggedRequests() int64 { return d.Total.Sources[traffic.SourceNone] }

// TestCount counts the tests that have requests.
func (d *Digest) TestCount() int64 {
	n := int64(len(d.Tests))
	if slices.ContainsFunc(d.Tests, func(g db.Group) bool { return g.Keys[0] == "" }) {
		n--
	}
	return n
}

// test returns the sums of a test's requests: zero ones if there are none.
func (d *Digest) test(name string) db.Group {
	if i := slices.IndexFunc(d.Tests, func(g db.Group) bool { return g.Keys[0] == name }); i >= 0 {
		return d.Tests[i]
	}
	return db.Group{Keys: []string{name}}
}
