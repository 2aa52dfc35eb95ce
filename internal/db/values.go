package db

import (
	"encoding/binary"
	"strings"

	"e2etap/internal/traffic"
)

// The values that are stored once (see interner), as their tables have them.

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
