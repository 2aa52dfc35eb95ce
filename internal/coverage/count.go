package coverage

import (
	"slices"
	"strings"

	"e2etap/internal/db"
	"e2etap/internal/operation"
)

// counter counts requests by operation, or by endpoint where there is none.
type counter struct {
	catalog    *operation.Catalog
	ops        []Op
	index      map[template]int // in ops
	unresolved []Unresolved
	endpoints  map[db.Endpoint]int // in unresolved
	known      map[db.Endpoint]resolved
}

// template is what tells operations apart.
type template struct{ method, path string }

type resolved struct {
	op          int // in ops; -1: none
	watchOfList bool
}

func newCounter(operations []operation.Operation) *counter {
	c := &counter{
		catalog: operation.NewCatalog(operations), index: map[template]int{},
		endpoints: map[db.Endpoint]int{}, known: map[db.Endpoint]resolved{},
	}
	for i, op := range c.catalog.Operations() {
		c.ops = append(c.ops, Op{Operation: op})
		c.index[template{op.Method, op.Path}] = i
	}
	return c
}

// add is for db.Reader.ByEndpoint, in the order of the tests' names.
func (c *counter) add(test string, e db.Endpoint, source, status, requests int64) error {
	to := c.resolve(e)
	more := Counts{Requests: requests}
	if isSuccess(status) {
		more.Successes = requests
	}
	if to.watchOfList {
		more.Watches = requests
	}
	use := c.hits(e, to.op).add(test, more)
	use.Sources[source] += requests
	use.addStatus(int(status), requests)
	return nil
}

func isSuccess(status int64) bool { return status/100 == 2 || status == 101 }

func (c *counter) resolve(e db.Endpoint) resolved {
	r, known := c.known[e]
	if known {
		return r
	}
	op, watchOfList := c.catalog.Resolve(askedOf(e))
	r = resolved{-1, watchOfList}
	if op != nil {
		r.op = c.index[template{op.Method, op.Path}]
	}
	c.known[e] = r
	return r
}

// hits returns those of an operation, or of an endpoint that has none.
func (c *counter) hits(e db.Endpoint, op int) *Hits {
	if op >= 0 {
		return &c.ops[op].Hits
	}
	i, known := c.endpoints[e]
	if !known {
		i = len(c.unresolved)
		c.endpoints[e] = i
		c.unresolved = append(c.unresolved, Unresolved{Endpoint: e})
	}
	return &c.unresolved[i].Hits
}

// add counts requests of a test that is the last one, or new, and returns its part.
func (h *Hits) add(test string, more Counts) *TestUse {
	if n := len(h.Tests); n == 0 || h.Tests[n-1].Test != test {
		h.Tests = append(h.Tests, TestUse{Test: test})
	}
	use := &h.Tests[len(h.Tests)-1]
	h.Counts.add(more)
	use.Counts.add(more)
	return use
}

// Use returns a test's part; nil if it has none.
func (h *Hits) Use(test string) *TestUse {
	i, found := slices.BinarySearchFunc(h.Tests, test, func(u TestUse, test string) int { return strings.Compare(u.Test, test) })
	if !found {
		return nil
	}
	return &h.Tests[i]
}

func (c *Counts) add(more Counts) {
	c.Requests += more.Requests
	c.Successes += more.Successes
	c.Watches += more.Watches
}

func (u *TestUse) addStatus(status int, requests int64) {
	i, found := slices.BinarySearchFunc(u.Statuses, status, func(s StatusCount, status int) int { return s.Status - status })
	if !found {
		u.Statuses = slices.Insert(u.Statuses, i, StatusCount{Status: status})
	}
	u.Statuses[i].Requests += requests
}
