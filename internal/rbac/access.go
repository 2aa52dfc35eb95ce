// Package rbac finds the least RBAC rules that allow requests, and writes them as the objects that Kubernetes takes.
//
// It is pure, and knows nothing of recordings. What the API server asks its authorizer beyond a request's own verb and resource is
// known here only where the answer tells (see [Asked]). What depends on a request's body or headers is not known: see [Limits].
package rbac

import "strings"

// Access is one question that the API server asks its authorizer (k8s.io/apiserver, pkg/authorization/authorizer, Attributes). It
// asks for a resource or for a path.
type Access struct {
	Verb                         string // "deletecollection"; the HTTP method in lower case for a path
	Group, Resource, Subresource string
	Namespace                    string // "": of no namespace, or all; a namespace itself is in its own, as the API server has it
	Name                         string // "": the request names no object in its path, nor by the field selector metadata.name
	Path                         string // of what is no resource, unescaped: "/version"
}

// Successful tells whether a request with this status did what it was to do: 2xx, or 101 for an upgraded connection.
func Successful(status int) bool { return status/100 == 2 || status == 101 }

// Authorized tells whether a status shows that authorization had let the request pass, whatever came of it: a 404 or 409, for
// instance. 401 and 403 do not. A 429 may come from the API server's flow control, which is before authorization, and a 5xx from the
// authorizer itself or from what is before it (k8s.io/apiserver, pkg/server/config.go, DefaultBuildHandlerChain).
func Authorized(status int) bool {
	switch status {
	case 401, 403, 429:
		return false
	}
	return status >= 100 && status < 500
}

// Asked returns all that the API server asked its authorizer about a request that it authorized and answered with a status.
//
//   - A PATCH (server-side apply) or PUT that made its object has been asked for "create" of that name as well (k8s.io/apiserver,
//     pkg/endpoints/handlers, withAuthorization).
//   - So has a GET of a pod's exec, attach or portforward, which comes by WebSocket, since Kubernetes 1.35
//     (feature AuthorizePodWebsocketUpgradeCreatePermission). Older API servers do not ask; it is the same power.
func Asked(a Access, status int) []Access {
	created := status == 201 && (a.Verb == "patch" || a.Verb == "update")
	if !created && !a.isWebSocket() {
		return []Access{a}
	}
	create := a
	create.Verb = "create"
	return []Access{a, create}
}

func (a Access) isWebSocket() bool {
	if a.Verb != "get" || a.Group != "" || a.Resource != "pods" {
		return false
	}
	switch a.Subresource {
	case "exec", "attach", "portforward":
		return true
	}
	return false
}

// expressible tells whether a rule can allow just this. A star, which a client may have asked for in vain, would stand for more than
// itself, and a role is of a valid namespace.
func (a Access) expressible() bool {
	if strings.Contains(a.Verb+a.Group+a.Resource+a.Subresource+a.Path, "*") || a.Verb == "" {
		return false
	}
	return (a.Resource != "" || strings.HasPrefix(a.Path, "/")) && (a.Namespace == "" || isLabel(a.Namespace))
}

// fullResource is the resource as rules write it: "pods/exec".
func (a Access) fullResource() string {
	if a.Subresource == "" {
		return a.Resource
	}
	return a.Resource + "/" + a.Subresource
}
