package db

import (
	"database/sql/driver"

	"e2etap/internal/traffic"
)

// endpoint is what a request asks for but for the names of things: enough to tell its OpenAPI operation.
type endpoint struct {
	method, verb, group, version, resource, subresource string

	namespaced bool   // the path names a namespace before the resource
	named      bool   // an object is named, in the path or by the metadata.name of a list or watch
	subPath    bool   // something follows the subresource, which only proxy has
	path       string // of what is no resource, within bounds: see boundedPath
}

// endpointOf is the endpoint of a recorded request, whose namespace and name are from its path and query.
func endpointOf(q *traffic.Request) endpoint {
	a := &q.API
	e := endpoint{method: q.Method, verb: a.Verb, group: a.Group, version: a.Version, resource: a.Resource, subresource: a.Subresource}
	e.ask(a.Namespace != "", a.Name != "", q.Path)
	return e
}

// auditedEndpoint is the endpoint of a request that an audit log tells of. Its method is "", which no log tells.
func auditedEndpoint(q *traffic.Audit) endpoint {
	a := &q.API
	e := endpoint{verb: a.Verb, group: a.Group, version: a.Version, resource: a.Resource, subresource: a.Subresource}
	e.askAudited(a.Namespace != "", a.Name != "", q.Path)
	return e
}

// ask completes an endpoint of which the rest is known. The path may be "" if it is the usual one.
func (e *endpoint) ask(namespace, name bool, path string) {
	if e.resource == "" {
		e.path = boundedPath(path)
		return
	}
	e.namespaced = namespace && e.resource != "namespaces"
	e.named = name && !e.namedByBody()
	e.subPath = e.subresource == "proxy" && e.hasSubPath(path)
}

// askAudited is ask for what an audit log tells. Where the path names no namespace, a log may have the one of the body
// (k8s.io/apiserver, pkg/audit, LogRequestObject).
func (e *endpoint) askAudited(namespace, name bool, path string) {
	e.ask(namespace && !e.omitsNamespace(path), name, path)
}

// namedByBody tells whether an audit log has the name of an object that the path does not name. A create names one in its path only
// to reach a subresource.
func (e *endpoint) namedByBody() bool { return e.verb == "create" && e.subresource == "" }

// counted is what of an endpoint makes it a different one in counts: what it was before it told operations apart.
func (e endpoint) counted() endpoint {
	e.namespaced, e.named, e.subPath, e.path = false, false, false, ""
	return e
}

// Bits of an encoded endpoint.
const (
	isNamespaced = 1 << iota
	isNamed
	hasSubPath
	allBits = 1<<iota - 1
)

// append encodes six texts, the bits, and as the rest the path.
func (e endpoint) append(b []byte) []byte {
	b = appendStrings(b, e.method, e.verb, e.group, e.version, e.resource, e.subresource)
	bits := boolInt(e.namespaced)*isNamespaced + boolInt(e.named)*isNamed + boolInt(e.subPath)*hasSubPath
	return append(append(b, byte(bits)), e.path...)
}

func decodeEndpoint(b []byte) (endpoint, error) {
	d := decoder{rest: b}
	e := d.sixTexts()
	bits := d.byte()
	if bits > allBits {
		d.fail()
	}
	e.namespaced, e.named, e.subPath = bits&isNamespaced != 0, bits&isNamed != 0, bits&hasSubPath != 0
	e.path, d.rest = string(d.rest), nil
	return e, d.end()
}

// decodeOldEndpoint reads what was an encoded endpoint until schema version 5.
func decodeOldEndpoint(b []byte) (endpoint, error) {
	d := decoder{rest: b}
	e := d.sixTexts()
	return e, d.end()
}

func (d *decoder) sixTexts() endpoint {
	return endpoint{method: d.string(), verb: d.string(), group: d.string(), version: d.string(), resource: d.string(), subresource: d.string()}
}

// endpointColumns are those of the table endpoint, in its order, as endpointRow reads them.
const (
	endpointColumns     = `id, method, verb, api_group, version, resource, subresource, namespaced, named, sub_path, path`
	endpointColumnCount = 11
)

func endpointRow(r []driver.Value) (id int64, e endpoint) {
	s := func(i int) string { return r[i].(string) }
	is := func(i int) bool { return r[i].(int64) != 0 }
	return r[0].(int64), endpoint{s(1), s(2), s(3), s(4), s(5), s(6), is(7), is(8), is(9), s(10)}
}

// traits is what of an endpoint decides how its requests are summed.
type traits struct{ watch, longRunning bool }

func (e endpoint) traits() traits { return traits{e.verb == "watch", e.longRunning()} }

// longRunning tells whether the durations of the endpoint's requests are the client's choice and say nothing of the API.
func (e endpoint) longRunning() bool {
	return traffic.API{Verb: e.verb, Subresource: e.subresource}.LongRunning()
}
