package db

import (
	"encoding/binary"
	"strings"

	"e2etap/internal/traffic"
)

// The values that are stored once (see interner), as their tables have them.

type endpoint struct{ method, verb, group, version, resource, subresource string }

func endpointOf(q *traffic.Request) endpoint {
	a := &q.API
	return endpoint{q.Method, a.Verb, a.Group, a.Version, a.Resource, a.Subresource}
}

func (e endpoint) append(b []byte) []byte {
	return appendStrings(b, e.method, e.verb, e.group, e.version, e.resource, e.subresource)
}

func decodeEndpoint(b []byte) (endpoint, error) {
	d := decoder{rest: b}
	e := endpoint{d.string(), d.string(), d.string(), d.string(), d.string(), d.string()}
	return e, d.end()
}

// traits is what of an endpoint decides how its requests are summed.
type traits struct{ watch, longRunning bool }

func (e endpoint) traits() traits { return traits{e.verb == "watch", e.longRunning()} }

// longRunning tells whether the durations of the endpoint's requests are the client's choice and say nothing of the API.
func (e endpoint) longRunning() bool {
	return traffic.API{Verb: e.verb, Subresource: e.subresource}.LongRunning()
}

// path is the usual path of a request, which the view requests makes in the same way. Only requests with another one keep
// theirs. It is "" for what is not a resource.
func (e endpoint) path(namespace, name string) string {
	var b []byte
	for _, part := range e.pathParts(namespace, name) {
		if part != "" {
			b = append(append(b, '/'), part...)
		}
	}
	return string(b)
}

// isPath tells whether path is not empty and the usual one.
func (e endpoint) isPath(path, namespace, name string) bool {
	if e.resource == "" {
		return false
	}
	for _, part := range e.pathParts(namespace, name) {
		if part == "" {
			continue
		}
		if len(path) <= len(part) || path[0] != '/' || path[1:1+len(part)] != part {
			return false
		}
		path = path[1+len(part):]
	}
	return path == ""
}

// pathParts are what stands behind the slashes of the usual path; empty ones do not count.
func (e endpoint) pathParts(namespace, name string) (parts [8]string) {
	if e.resource == "" {
		return parts
	}
	parts = [...]string{"apis", e.group, e.version, "namespaces", namespace, e.resource, name, e.subresource}
	if e.group == "" {
		parts[0] = "api"
	}
	if namespace == "" || e.resource == "namespaces" {
		parts[3], parts[4] = "", ""
	}
	if e.verb == "list" || e.verb == "watch" {
		parts[6] = "" // RequestInfo took it from a field selector
	}
	return parts
}

type client traffic.Client

func (c client) append(b []byte) []byte {
	b = append(b, byte(c.Credential))
	return appendStrings(b, c.UserAgent, c.TestHeader, c.KubectlCommand, c.KubectlSession)
}

func decodeClient(b []byte) (client, error) {
	d := decoder{rest: b}
	c := client{Credential: traffic.Credential(d.byte())}
	c.UserAgent, c.TestHeader, c.KubectlCommand, c.KubectlSession = d.string(), d.string(), d.string(), d.string()
	return c, d.end()
}

// agentSeparator stands between a User-Agent and the test name that the e2e framework appends. The two are stored apart,
// because the name is usually the request's test too and then takes no space of its own.
const agentSeparator = " -- "

func splitAgent(userAgent string) (agent, test string) {
	agent, test, _ = strings.Cut(userAgent, agentSeparator)
	if test == "" {
		return userAgent, ""
	}
	return agent, test
}

func joinAgent(agent, test string) string {
	if test == "" {
		return agent
	}
	return agent + agentSeparator + test
}

type attribution traffic.Attribution // but for the test

func (a attribution) append(b []byte) []byte {
	b = append(b, byte(a.Source), byte(a.Why), byte(a.Phase))
	b = binary.AppendUvarint(b, uint64(a.Agreed))
	b = binary.AppendUvarint(b, uint64(a.Disagreed))
	return binary.AppendVarint(b, int64(a.Attempt))
}

func decodeAttribution(b []byte) (attribution, error) {
	d := decoder{rest: b}
	a := attribution{Source: traffic.Source(d.byte()), Why: traffic.Why(d.byte()), Phase: traffic.Phase(d.byte())}
	a.Agreed, a.Disagreed = traffic.SourceSet(d.uint()), traffic.SourceSet(d.uint())
	a.Attempt = int(d.int())
	return a, d.end()
}

type query traffic.Query

func (q query) append(b []byte) []byte {
	b = append(b, byte(boolInt(q.Watch)))
	b = binary.AppendVarint(b, q.Limit)
	return appendStrings(b, q.DryRun, q.FieldManager, q.LabelSelector, q.FieldSelector)
}

func decodeQuery(b []byte) (query, error) {
	d := decoder{rest: b}
	q := query{Watch: d.byte() != 0, Limit: d.int()}
	q.DryRun, q.FieldManager, q.LabelSelector, q.FieldSelector = d.string(), d.string(), d.string(), d.string()
	return q, d.end()
}

// content is the pair of content types of a request and its answer.
type content struct{ request, response string }

func (c content) append(b []byte) []byte { return appendStrings(b, c.request, c.response) }

func decodeContent(b []byte) (content, error) {
	d := decoder{rest: b}
	c := content{d.string(), d.string()}
	return c, d.end()
}
