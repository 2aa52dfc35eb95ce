package db

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
)

// Endpoint is what requests ask for but for the names of things: enough to tell their OpenAPI operation.
type Endpoint struct {
	Method                string // "" if an audit log told of it
	Verb                  string // the API server's; the method in lower case for what is no resource
	Group, Version        string
	Resource, Subresource string
	Namespaced            bool   // the path names a namespace before the resource
	Named                 bool   // an object is named, in the path or by the metadata.name of a list or watch
	SubPath               bool   // something follows the subresource, which only proxy has
	Path                  string // of what is no resource: as it was asked for, or cut short, as "/logs/*" and "/*"; "" for resources
}

func (e endpoint) exported() Endpoint {
	return Endpoint{e.method, e.verb, e.group, e.version, e.resource, e.subresource, e.namespaced, e.named, e.subPath, e.path}
}

// Endpoints returns the endpoints of all runs and of imported audit logs by their IDs. Several IDs may stand for equal ones.
func (r *Reader) Endpoints() (map[int64]Endpoint, error) {
	stored, err := readEndpoints(r.conn)
	if err != nil {
		return nil, fmt.Errorf("read endpoints of %s: %w", r.path, err)
	}
	all := make(map[int64]Endpoint, len(stored))
	for id, e := range stored {
		all[id] = e.exported()
	}
	return all, nil
}

// ByEndpoint calls do once for each test (its name; "" for requests without one), endpoint, source ([traffic.Source]) and status (0: no
// answer) that the chosen requests have, with their number, which is 1 or more, until one call fails. The order is that of the tests'
// names, endpoints, sources and statuses. It reads rows only if the filter is for a namespace or a time.
func (r *Reader) ByEndpoint(f Filter, do func(test string, e Endpoint, source, status int64, requests int64) error) error {
	return r.byEndpoint(f, false, do)
}

func (r *Reader) byEndpoint(f Filter, fromRows bool, do func(test string, e Endpoint, source, status int64, requests int64) error) error {
	var b byTestAndEndpoint
	var tests []string
	counts := map[endpointKey]int64{}
	err := r.Snapshot(func() (err error) {
		if b, err = r.byTestAndEndpoint(f); err != nil {
			return err
		}
		var places map[int64]int
		tests, places = rankTests(b.names)
		add := func(test int64, p part, requests int64) {
			counts[endpointKey{places[test], b.ranks[p.endpoint], p.source, p.status}] += requests
		}
		if fromRows || b.rows != "" {
			return r.countRows(&b.condition, add)
		}
		return r.countParts(&b.condition, add)
	})
	if err != nil {
		return fmt.Errorf("count requests of %s by endpoint: %w", r.path, err)
	}
	for _, k := range slices.SortedFunc(maps.Keys(counts), endpointKey.compare) {
		if err := do(tests[k.test], b.ranked[k.endpoint], k.source, k.status, counts[k]); err != nil {
			return err
		}
	}
	return nil
}

// byTestAndEndpoint is what a count of chosen requests by test and endpoint needs.
type byTestAndEndpoint struct {
	condition
	names  map[int64]string // of tests, by ID
	ranked []Endpoint
	ranks  map[int64]int // in ranked, by the endpoint's ID
}

func (r *Reader) byTestAndEndpoint(f Filter) (b byTestAndEndpoint, err error) {
	ends, c, err := r.choose(f)
	if err != nil {
		return b, err
	}
	b.condition = c
	b.ranked, b.ranks = rankEndpoints(ends)
	b.names, err = r.tests(f.Runs)
	return b, err
}

func (r *Reader) countParts(c *condition, add func(test int64, p part, requests int64)) error {
	return eachRow(r.conn, `SELECT test, parts FROM summary_parts r WHERE `+c.tests, func(row []driver.Value) error {
		return eachPart(row[1].([]byte), func(p part, s *sums, _ []byte) error {
			if c.has(p) {
				add(row[0].(int64), p, s.requests)
			}
			return nil
		})
	})
}

func (r *Reader) countRows(c *condition, add func(test int64, p part, requests int64)) error {
	where, args := c.onRequest()
	return eachRow(r.conn, `SELECT r.test, r.endpoint, r.status, a.source, count(*) FROM `+requestFrom+` WHERE `+where+` GROUP BY 1, 2, 3, 4`,
		func(row []driver.Value) error {
			n := func(i int) int64 { return row[i].(int64) }
			add(n(0), part{n(1), n(2), n(3)}, n(4))
			return nil
		}, args...)
}

// endpointKey is what ByEndpoint counts by. Of tests and endpoints it has no IDs, since several may stand for one.
type endpointKey struct {
	test, endpoint int // ranks
	source, status int64
}

func (k endpointKey) compare(other endpointKey) int {
	switch {
	case k.test != other.test:
		return cmp.Compare(k.test, other.test)
	case k.endpoint != other.endpoint:
		return cmp.Compare(k.endpoint, other.endpoint)
	case k.source != other.source:
		return cmp.Compare(k.source, other.source)
	}
	return cmp.Compare(k.status, other.status)
}

// rankTests returns the different names in order, "" first, and the place of each ID's; an ID without a name has the place of "".
func rankTests(names map[int64]string) (all []string, places map[int64]int) {
	all = slices.Compact(slices.Sorted(maps.Values(names)))
	if len(all) == 0 || all[0] != "" {
		all = slices.Insert(all, 0, "")
	}
	places = make(map[int64]int, len(names))
	for id, name := range names {
		places[id], _ = slices.BinarySearch(all, name)
	}
	return all, places
}

// rankEndpoints returns the different endpoints in order, and the place of each ID's.
func rankEndpoints(stored map[int64]endpointInfo) (all []Endpoint, ranks map[int64]int) {
	for _, e := range stored {
		all = append(all, e.exported())
	}
	slices.SortFunc(all, Endpoint.compare)
	all = slices.Compact(all)
	ranks = make(map[int64]int, len(stored))
	for id, e := range stored {
		ranks[id], _ = slices.BinarySearchFunc(all, e.exported(), Endpoint.compare)
	}
	return all, ranks
}

func (e Endpoint) compare(other Endpoint) int {
	flags := func(e *Endpoint) int64 { return boolInt(e.Namespaced)<<2 + boolInt(e.Named)<<1 + boolInt(e.SubPath) }
	return cmp.Or(cmp.Compare(e.Group, other.Group), cmp.Compare(e.Version, other.Version), cmp.Compare(e.Resource, other.Resource),
		cmp.Compare(e.Subresource, other.Subresource), cmp.Compare(e.Path, other.Path), cmp.Compare(e.Verb, other.Verb),
		cmp.Compare(e.Method, other.Method), cmp.Compare(flags(&e), flags(&other)))
}
