package db

import (
	"strings"

	"e2etap/internal/traffic"
)

// The values that are stored once (see interner), as their tables have them.

type text string

func (t text) clone() text { return text(strings.Clone(string(t))) }
func (t text) size() int   { return len(t) }

type endpoint struct{ method, verb, group, version, resource, subresource string }

func endpointOf(q *traffic.Request) endpoint {
	a := &q.API
	return endpoint{q.Method, a.Verb, a.Group, a.Version, a.Resource, a.Subresource}
}

func (e endpoint) clone() endpoint {
	return endpoint{
		strings.Clone(e.method), strings.Clone(e.verb), strings.Clone(e.group),
		strings.Clone(e.version), strings.Clone(e.resource), strings.Clone(e.subresource),
	}
}

func (e endpoint) size() int {
	return len(e.method) + len(e.verb) + len(e.group) + len(e.version) + len(e.resource) + len(e.subresource)
}

// longRunning tells whether the durations of the endpoint's requests are the client's choice and say nothing of the API.
func (e endpoint) longRunning() bool {
	return traffic.API{Verb: e.verb, Subresource: e.subresource}.LongRunning()
}

// path is the usual path of a request, which the view requests makes in the same way. Only requests with another one keep
// theirs. It is "" for what is not a resource.
func (e endpoint) path(namespace, name string) string {
	if e.resource == "" {
		return ""
	}
	if e.resource == "namespaces" {
		namespace = ""
	}
	if e.verb == "list" || e.verb == "watch" {
		name = "" // RequestInfo took it from a field selector
	}
	b := make([]byte, 0, 256)
	add := func(prefix, part string) {
		if part != "" {
			b = append(append(b, prefix...), part...)
		}
	}
	if e.group == "" {
		add("/", "api")
	} else {
		add("/apis/", e.group)
	}
	add("/", e.version)
	add("/namespaces/", namespace)
	add("/", e.resource)
	add("/", name)
	add("/", e.subresource)
	return string(b)
}

type client traffic.Client

func (c client) clone() client {
	return client{
		UserAgent: strings.Clone(c.UserAgent), TestHeader: strings.Clone(c.TestHeader),
		KubectlCommand: strings.Clone(c.KubectlCommand), KubectlSession: strings.Clone(c.KubectlSession),
		Credential: c.Credential,
	}
}

func (c client) size() int {
	return len(c.UserAgent) + len(c.TestHeader) + len(c.KubectlCommand) + len(c.KubectlSession)
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

type query traffic.Query

func (q query) clone() query {
	q.DryRun, q.FieldManager = strings.Clone(q.DryRun), strings.Clone(q.FieldManager)
	q.LabelSelector, q.FieldSelector = strings.Clone(q.LabelSelector), strings.Clone(q.FieldSelector)
	return q
}

func (q query) size() int {
	return len(q.DryRun) + len(q.FieldManager) + len(q.LabelSelector) + len(q.FieldSelector)
}

// content is the pair of content types of a request and its answer.
type content struct{ request, response string }

func (c content) clone() content { return content{strings.Clone(c.request), strings.Clone(c.response)} }
func (c content) size() int      { return len(c.request) + len(c.response) }
