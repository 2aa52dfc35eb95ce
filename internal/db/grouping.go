package db

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"

	"e2etap/internal/traffic"
)

// grouping adds up requests: single ones, or parts of the summary.
type grouping struct {
	by     []Dimension
	reader *Reader
	uses   factIDs // 1 where a dimension needs it

	endpoints map[int64]endpointInfo
	texts     *statement
	tests     *statement
	agents    *statement
	commands  *statement

	byIDs  map[factIDs]*group // so that keys are made once for each combination of IDs
	byKeys map[string]*group

	programs, commandsOf *alias // of clients and processes

	last    *group // what group returned last, and for what: neighbours often belong together
	lastIDs factIDs
}

// factIDs is what the dimensions are made from; those that no dimension needs are 0.
type factIDs struct {
	test, endpoint, status, namespace, name, path, client, source, why, process, role int64
}

// endpointInfo is an endpoint and a number that is the same for endpoints that count as one.
type endpointInfo struct {
	endpoint
	number int
}

func (e endpoint) fullResource() string {
	if e.subresource == "" {
		return e.resource
	}
	return e.resource + "/" + e.subresource
}

func readEndpoints(conn driver.Conn) (map[int64]endpointInfo, error) {
	all, numbers := map[int64]endpointInfo{}, map[endpoint]int{}
	err := eachRow(conn, `SELECT `+endpointColumns+` FROM endpoint`, func(row []driver.Value) error {
		id, e := endpointRow(row)
		counted := e.counted()
		if _, ok := numbers[counted]; !ok {
			numbers[counted] = len(numbers)
		}
		all[id] = endpointInfo{e, numbers[counted]}
		return nil
	})
	return all, err
}

// begin readies the grouping for the requests that a filter chooses, by the condition that it returns.
func (g *grouping) begin(f Filter) (c condition, err error) {
	if g.endpoints, c, err = g.reader.choose(f); err == nil {
		err = g.prepare()
	}
	return c, err
}

func (g *grouping) prepare() (err error) {
	if g.texts, err = prepare(g.reader.conn, `SELECT value FROM string WHERE id = ?`); err != nil {
		return err
	}
	if g.tests, err = prepare(g.reader.conn, `SELECT name FROM test WHERE id = ?`); err != nil {
		return err
	}
	g.agents, err = prepare(g.reader.conn, `SELECT a.value, t.name FROM client c
		JOIN string a ON a.id = c.agent JOIN test t ON t.id = c.agent_test WHERE c.id = ?`)
	if err != nil {
		return err
	}
	g.commands, err = prepare(g.reader.conn, `SELECT c.value FROM process p JOIN string c ON c.id = p.command WHERE p.id = ?`)
	return err
}

func (g *grouping) close() error {
	return errors.Join(g.texts.close(), g.tests.close(), g.agents.close(), g.commands.close())
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
	case Source:
		g.uses.source = 1
	case Why:
		g.uses.why = 1
	case Command:
		g.uses.process = 1
	case Role:
		g.uses.role = 1
	case Path:
		g.uses.endpoint, g.uses.namespace, g.uses.name, g.uses.path = 1, 1, 1, 1
	}
}

// group returns the group that a row or part belongs to.
func (g *grouping) group(ids factIDs) (*group, error) {
	u := g.uses
	ids = factIDs{
		ids.test * u.test, ids.endpoint * u.endpoint, ids.status * u.status,
		ids.namespace * u.namespace, ids.name * u.name, ids.path * u.path, ids.client * u.client,
		ids.source * u.source, ids.why * u.why, ids.process * u.process, ids.role * u.role,
	}
	if g.last != nil && ids == g.lastIDs {
		return g.last, nil
	}
	given := ids
	if err := g.shorten(&ids); err != nil {
		return nil, err
	}
	k := g.byIDs[ids]
	if k == nil {
		var err error
		if k, err = g.groupOf(ids); err != nil {
			return nil, err
		}
		g.byIDs[ids] = k
	}
	g.last, g.lastIDs = k, given
	return k, nil
}

// shorten puts the same IDs for what has the same keys.
func (g *grouping) shorten(ids *factIDs) (err error) {
	if g.uses.client != 0 && !slices.Contains(g.by, UserAgent) {
		if ids.client, err = g.programs.id(ids.client, g.program); err != nil {
			return err
		}
	}
	if g.uses.process != 0 {
		ids.process, err = g.commandsOf.id(ids.process, g.command)
	}
	return err
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
		return textOf(g.tests, ids.test)
	case Verb:
		return e.verb, nil
	case Resource:
		return e.fullResource(), nil
	case APIGroup:
		return e.group, nil
	case Status:
		return statusText(ids.status), nil
	case Namespace:
		return textOf(g.texts, ids.namespace)
	case Path:
		return g.path(ids)
	case Source:
		return traffic.Source(ids.source).String(), nil
	case Why:
		return traffic.Why(ids.why).String(), nil
	case Command:
		return g.command(ids.process)
	case Role:
		return traffic.Role(ids.role).String(), nil
	}
	if d == Client {
		return g.program(ids.client)
	}
	return g.agent(ids.client)
}

func (g *grouping) program(client int64) (string, error) {
	agent, err := g.agent(client)
	return traffic.Program(agent), err
}

func textOf(texts *statement, id int64) (string, error) {
	row := make([]driver.Value, 1)
	if found, err := texts.queryRow(row, id); err != nil || !found {
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
		return textOf(g.texts, ids.path)
	}
	namespace, err := textOf(g.texts, ids.namespace)
	if err != nil {
		return "", err
	}
	name, err := textOf(g.texts, ids.name)
	return g.endpoints[ids.endpoint].usualPath(namespace, name), err
}

// command is what a process was started to do: "kubectl get pods" of "/usr/bin/kubectl --kubeconfig=x get pods -A", where
// flags are written with their values in one argument up to there.
func (g *grouping) command(process int64) (string, error) {
	text, err := textOf(g.commands, process)
	if err != nil || text == "" {
		return "", err
	}
	var args []string
	if err := json.Unmarshal([]byte(text), &args); err != nil || len(args) == 0 {
		return "", err
	}
	words := []string{path.Base(args[0])}
	for _, arg := range args[1:] {
		if !strings.HasPrefix(arg, "-") {
			words = append(words, arg)
		} else if len(words) > 1 || !strings.Contains(arg, "=") {
			break
		}
		if len(words) == commandWords {
			break
		}
	}
	return strings.Join(words, " "), nil
}

// commandWords keeps what differs from call to call, names of objects for instance, out of the commands to group by.
const commandWords = 3
