package db

import (
	"database/sql/driver"
	"math/bits"
	"strings"
	"time"
)

// grouping adds up facts: rows of summary, or single requests.
type grouping struct {
	by     []Dimension
	reader *Reader
	uses   factIDs // 1 where a dimension needs it

	endpoints map[int64]endpointInfo
	texts     *statement
	agents    *statement

	byIDs  map[factIDs]*group // so that keys are made once for each combination of IDs
	byKeys map[string]*group
	total  *group
}

// factIDs is what the dimensions are made from; those that no dimension needs are 0.
type factIDs struct{ test, endpoint, status, namespace, name, path, client int64 }

// fact is what one row adds to its group.
type fact struct {
	requests, bytesIn, bytesOut int64
	longest                     time.Duration
	durations                   []byte // a histogram, or
	single                      share  // the one request
}

type group struct {
	Group
	seen      []uint64 // endpoints, as bits
	encoded   [][]byte
	durations histogram
}

// endpointInfo is an endpoint and a number that is the same for equal endpoints: see the comment at the table string.
type endpointInfo struct {
	endpoint
	number int
	watch  bool
}

func (e endpoint) fullResource() string {
	if e.subresource == "" {
		return e.resource
	}
	return e.resource + "/" + e.subresource
}

func readEndpoints(conn driver.Conn) (map[int64]endpointInfo, error) {
	all, numbers := map[int64]endpointInfo{}, map[endpoint]int{}
	err := eachRow(conn, `SELECT id, method, verb, api_group, version, resource, subresource FROM endpoint`,
		func(row []driver.Value) error {
			s := func(i int) string { return row[i].(string) }
			e := endpoint{s(1), s(2), s(3), s(4), s(5), s(6)}
			if _, ok := numbers[e]; !ok {
				numbers[e] = len(numbers)
			}
			all[row[0].(int64)] = endpointInfo{e, numbers[e], e.verb == "watch"}
			return nil
		})
	return all, err
}

func (g *grouping) prepare() (err error) {
	if g.texts, err = prepare(g.reader.conn, `SELECT value FROM string WHERE id = ?`); err != nil {
		return err
	}
	g.agents, err = prepare(g.reader.conn, `SELECT a.value, t.value FROM client c
		JOIN string a ON a.id = c.agent JOIN string t ON t.id = c.agent_test WHERE c.id = ?`)
	return err
}

func (g *grouping) use(d Dimension) {
	switch d {
	case Test:
		g.uses.test = 1
	case Verb, Resource, APIGroup:
		g.uses.endpoint = 1
	case Status:
		g.uses.status = 1
	case Namespace:
		g.uses.namespace = 1
	case Client, UserAgent:
		g.uses.client = 1
	case Path:
		g.uses.endpoint, g.uses.namespace, g.uses.name, g.uses.path = 1, 1, 1, 1
	}
}

func (g *grouping) add(ids factIDs, f *fact) error {
	e := g.endpoints[ids.endpoint]
	u := g.uses
	key := factIDs{
		ids.test * u.test, ids.endpoint * u.endpoint, ids.status * u.status,
		ids.namespace * u.namespace, ids.name * u.name, ids.path * u.path, ids.client * u.client,
	}
	k := g.byIDs[key]
	if k == nil {
		var err error
		if k, err = g.groupOf(key); err != nil {
			return err
		}
		g.byIDs[key] = k
	}
	k.add(f, ids.status, e)
	g.total.add(f, ids.status, e)
	return nil
}

// groupOf returns the group with the keys that ids stand for.
func (g *grouping) groupOf(ids factIDs) (*group, error) {
	keys := make([]string, len(g.by))
	for i, d := range g.by {
		var err error
		if keys[i], err = g.key(d, ids); err != nil {
			return nil, err
		}
	}
	joined := strings.Join(keys, "\x00")
	k := g.byKeys[joined]
	if k == nil {
		k = &group{Group: Group{Keys: keys}}
		g.byKeys[joined] = k
	}
	return k, nil
}

func (g *grouping) key(d Dimension, ids factIDs) (string, error) {
	e := g.endpoints[ids.endpoint]
	switch d {
	case Test:
		return g.text(ids.test)
	case Verb:
		return e.verb, nil
	case Resource:
		return e.fullResource(), nil
	case APIGroup:
		return e.group, nil
	case Status:
		return statusText(ids.status), nil
	case Namespace:
		return g.text(ids.namespace)
	case Path:
		return g.path(ids)
	}
	agent, err := g.agent(ids.client)
	if d == Client {
		agent = clientOf(agent)
	}
	return agent, err
}

func (g *grouping) text(id int64) (string, error) {
	row := make([]driver.Value, 1)
	if found, err := g.texts.queryRow(row, id); err != nil || !found {
		return "", err
	}
	return row[0].(string), nil
}

func (g *grouping) agent(client int64) (string, error) {
	row := make([]driver.Value, 2)
	if found, err := g.agents.queryRow(row, client); err != nil || !found {
		return "", err
	}
	return joinAgent(row[0].(string), row[1].(string)), nil
}

func (g *grouping) path(ids factIDs) (string, error) {
	if ids.path != 0 {
		return g.text(ids.path)
	}
	namespace, err := g.text(ids.namespace)
	if err != nil {
		return "", err
	}
	name, err := g.text(ids.name)
	return g.endpoints[ids.endpoint].path(namespace, name), err
}

func (k *group) add(f *fact, status int64, e endpointInfo) {
	k.Requests += f.requests
	k.BytesIn += f.bytesIn
	k.BytesOut += f.bytesOut
	switch {
	case status >= 400 && status < 500:
		k.Errors4xx += f.requests
	case status >= 500 && status < 600:
		k.Errors5xx += f.requests
	}
	if e.watch {
		k.Watches += f.requests
	}
	for len(k.seen) <= e.number/64 {
		k.seen = append(k.seen, 0)
	}
	k.seen[e.number/64] |= 1 << (e.number % 64)
	k.Max = max(k.Max, f.longest)
	if len(f.durations) > 0 {
		k.encoded = append(k.encoded, f.durations)
	}
	if f.single.timed {
		k.Max = max(k.Max, f.single.duration)
		k.durations.add(f.single.duration)
	}
}

// result completes the group, using t.
func (k *group) result(t *tally) (Group, error) {
	for _, word := range k.seen {
		k.Endpoints += int64(bits.OnesCount64(word))
	}
	t.reset()
	for _, b := range k.encoded {
		if err := eachBucket(b, t.add); err != nil {
			return k.Group, err
		}
	}
	for _, b := range k.durations {
		t.add(b.index, b.count)
	}
	if k.Timed = int64(t.total); k.Timed > 0 {
		k.P50, k.P99 = min(t.quantile(0.5), k.Max), min(t.quantile(0.99), k.Max)
	}
	return k.Group, nil
}
