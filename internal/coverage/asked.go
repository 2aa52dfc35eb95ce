package coverage

import (
	"net/url"

	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// anyName stands for the name of an object, which an endpoint does not tell.
const anyName = "*"

// askedOf is what requests for an endpoint asked for. It differs from what operation.AskedOf makes of a path in requests
// that kube-apiserver refuses: a create at an object's path, a watch at /api/v1/watch/pods/NAME, and what follows another
// subresource than proxy.
func askedOf(e db.Endpoint) operation.Asked {
	a := operation.Asked{
		Method: e.Method, Namespaced: e.Namespaced, SubPath: e.SubPath, Path: e.Path,
		API: traffic.API{Verb: e.Verb, Group: e.Group, Version: e.Version, Resource: e.Resource, Subresource: e.Subresource},
	}
	if e.Named {
		a.API.Name = anyName
	}
	if e.Subresource == "" && ofObject(e.Verb) {
		a.SubPath = !e.Named // the path ends before the verb's
	}
	if raw, err := url.PathUnescape(e.Path); err == nil {
		a.Path = raw
	}
	return a
}

// ofObject tells whether a verb, without a subresource, is of a named object.
func ofObject(verb string) bool {
	return verb == "get" || verb == "update" || verb == "patch" || verb == "delete"
}
