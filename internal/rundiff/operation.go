package rundiff

import "e2etap/internal/db"

// OperationOf is the identity of the operation that an endpoint is of, in words: "list v1 pods (namespaced)",
// "create apps/v1 deployments/scale (namespaced)", "get /version". All comparisons go by it and nothing else of an endpoint.
//
// The method is implied by the verb, but for HEAD, which is named in place of the verb: so a run made from an audit log, which
// has no methods, compares with a recorded one.
func OperationOf(e db.Endpoint) string {
	verb := e.Verb
	if e.Method == "HEAD" {
		verb = "head"
	}
	if e.Resource == "" {
		return verb + " " + e.Path
	}
	version := e.Version
	if e.Group != "" {
		version = e.Group + "/" + e.Version
	}
	resource := e.Resource
	if e.Subresource != "" {
		resource += "/" + e.Subresource
	}
	if e.Namespaced {
		resource += " (namespaced)"
	}
	return verb + " " + version + " " + resource
}
