package budget

import (
	"cmp"
	"slices"
	"strings"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Kinds of subjects.
const (
	OfRun       = "run"
	OfTest      = "test"
	OfClient    = "client"
	OfUserAgent = "user-agent"
)

// SubjectKinds lists them.
func SubjectKinds() []string { return []string{OfRun, OfTest, OfClient, OfUserAgent} }

// Subject is whom a limit is about.
type Subject struct {
	Kind string
	Name string // of the run, the test ("" for requests without one), the client or the user agent
}

// Measure is how much a subject had of something.
type Measure struct {
	Metric            Metric
	Measured, Allowed int64
	Request           int64 // one that has taken it over what is allowed; 0 if it is not
}

// Over tells whether it was more than what is allowed.
func (m *Measure) Over() bool { return m.Measured > m.Allowed }

// Finding is all that a limit says of a subject.
type Finding struct {
	Limit    *Limit
	Subject  Subject
	Measures []Measure // in the order of Metrics
}

// Result is what Check finds.
type Result struct {
	Findings []Finding // in the order of the limits, then by subject
	// Unmatched are the limits whose test, client or user agent nothing in the run is. Where there is no request of a limit's verb,
	// resource or namespace that is no reason.
	Unmatched []*Limit
}

// Violations counts the measures that are over what is allowed.
func (r *Result) Violations() (n int) {
	for i := range r.Findings {
		n += len(r.Findings[i].Over())
	}
	return n
}

// Over returns the measures that are.
func (f *Finding) Over() (over []Measure) {
	for _, m := range f.Measures {
		if m.Over() {
			over = append(over, m)
		}
	}
	return over
}

// Check measures a run in one pass over its requests.
func Check(r *db.Reader, run db.RunInfo, b *Budget) (*Result, error) {
	runs := []int64{run.ID}
	var all []*checker
	for _, l := range b.Limits {
		c := &checker{limit: l, bounds: l.bounds(), agents: map[string]agent{}, endpoints: map[db.Endpoint]bool{}, tallies: map[string]*tally{}}
		if l.Test != nil {
			names := []string{""}
			if *l.Test != "" && *l.Test != NoTest {
				var err error
				if names, err = r.MatchTests(*l.Test, runs); err != nil {
					return nil, err
				}
			}
			c.tests = map[string]bool{}
			for _, name := range names {
				c.tests[name] = true
			}
		}
		all = append(all, c)
	}
	err := r.Facts(db.Filter{Runs: runs}, func(f *db.Fact) error {
		for _, c := range all {
			c.count(f, run.Name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var result Result
	for _, c := range all {
		c.finish(&result, run.Name)
	}
	return &result, nil
}

// checker measures what one limit is about.
type checker struct {
	limit     *Limit
	bounds    []bound
	tests     map[string]bool // nil: any
	agents    map[string]agent
	endpoints map[db.Endpoint]bool
	tallies   map[string]*tally // by the subject's name
	matched   bool
}

// agent is what a limit says of a User-Agent.
type agent struct {
	client string
	chosen bool
}

func (c *checker) count(f *db.Fact, run string) {
	if c.tests != nil && !c.tests[f.Test] {
		return
	}
	a, ok := c.agents[f.UserAgent]
	if !ok {
		client := traffic.Program(f.UserAgent)
		a = agent{client, isLike(c.limit.Client, client) && isLike(c.limit.UserAgent, f.UserAgent)}
		c.agents[f.UserAgent] = a
	}
	if !a.chosen {
		return
	}
	c.matched = true
	t := c.at(c.name(f, a.client, run)) // also without a request that counts: 0 is a measure
	if !c.asksFor(f.Endpoint) || c.limit.Namespace != "" && !isLike(&c.limit.Namespace, f.Namespace) {
		return
	}
	for i, b := range c.bounds {
		t.sums[i].add(b, f)
	}
}

func (c *checker) at(name string) *tally {
	t := c.tallies[name]
	if t == nil {
		t = &tally{make([]sum, len(c.bounds))}
		c.tallies[name] = t
	}
	return t
}

func (c *checker) asksFor(e db.Endpoint) bool {
	is, ok := c.endpoints[e]
	if !ok {
		resource := e.Resource
		if e.Subresource != "" {
			resource += "/" + e.Subresource
		}
		l := c.limit
		is = (l.Verb == "" || isLike(&l.Verb, e.Verb)) && (l.Resource == "" || isLike(&l.Resource, resource))
		c.endpoints[e] = is
	}
	return is
}

// isLike tells whether a name is the pattern, or like it if it has * or ?. A nil pattern is like all names.
func isLike(pattern *string, name string) bool {
	switch {
	case pattern == nil, *pattern == name:
		return true
	case strings.ContainsAny(*pattern, "*?"):
		return len(db.MatchNames(*pattern, []string{name})) > 0
	}
	return false
}

func (l *Limit) subjects() string {
	switch {
	case l.Run != nil:
		return OfRun
	case l.Test != nil:
		return OfTest
	case l.Client != nil:
		return OfClient
	case l.UserAgent != nil:
		return OfUserAgent
	}
	return OfRun
}

func (c *checker) name(f *db.Fact, client, run string) string {
	switch c.limit.subjects() {
	case OfTest:
		return f.Test
	case OfClient:
		return client
	case OfUserAgent:
		return f.UserAgent
	}
	return run
}

func (c *checker) finish(r *Result, run string) {
	kind := c.limit.subjects()
	if !c.matched && (c.limit.Test != nil || c.limit.Client != nil || c.limit.UserAgent != nil) {
		r.Unmatched = append(r.Unmatched, c.limit)
		return
	}
	if kind == OfRun {
		c.at(run) // of a run without requests, too
	}
	first := len(r.Findings)
	for name, t := range c.tallies {
		f := Finding{Limit: c.limit, Subject: Subject{kind, name}}
		for i, b := range c.bounds {
			f.Measures = append(f.Measures, t.sums[i].measure(b))
		}
		r.Findings = append(r.Findings, f)
	}
	slices.SortFunc(r.Findings[first:], func(a, b Finding) int { return cmp.Compare(a.Subject.Name, b.Subject.Name) })
}
