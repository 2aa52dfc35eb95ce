// Package operation knows the operations of a Kubernetes API server, from its OpenAPI documents, and says which of them a
// request is: "GET /api/v1/namespaces/a/pods" is listCoreV1NamespacedPod.
//
// Read reads a document, NewCatalog indexes the operations of one or many, AskedOf says what a request asked for and
// Catalog.Resolve names its operation. All of it is pure. Documents are fetched by the package server below this one. It
// does not look at bodies, schemas or parameters, and it does not tell whether the API server granted a request.
//
// # What is not resolved
//
// What no document has (/healthz, /metrics, /openapi/…) has no operation. An operation whose template is none of
// Kubernetes' own forms (COLLECTION, COLLECTION/{name}, COLLECTION/{name}/SUBRESOURCE, and that with /{path}) is in the
// catalog, and no request resolves to it; everything below a subresource resolves to its /{path}, however deep.
//
// A HEAD is an operation of its own where it is documented. Elsewhere kube-apiserver refuses it with 405, but for /apis
// and /apis/GROUP, where it is the operation of the GET. Custom resources answer it as well, but their documents do not
// say that they are custom: such a HEAD has no operation.
//
// # Why it has no library for OpenAPI
//
// Of a document's megabytes, six fields of each operation are wanted. A narrow struct and encoding/json are 60 lines, read
// both versions of OpenAPI and skip what they do not know. The models of k8s.io/kube-openapi and google/gnostic-models
// are one for each version, and hold every schema in memory.
package operation

// Operation is one method of one path template.
type Operation struct {
	ID     string // operationId: "listCoreV1NamespacedPod"
	Method string // "GET"
	Path   string // template as documented: "/api/v1/namespaces/{namespace}/pods", "/apis/apps/v1/"

	// Group, Version and Kind are of the object that is sent or answered (x-kubernetes-group-version-kind), which for
	// subresources may be of another group than the path ("autoscaling", "v1", "Scale"; not so for custom resources). Where
	// the document names none, as for discovery, Group and Version are what the path tells. Group is "" for the core group.
	Group, Version, Kind string

	// Action is x-kubernetes-action: get, list, watch, watchlist, post, put, patch, delete, deletecollection, connect or
	// proxy; "" if there is none.
	Action     string
	Level      Level
	Deprecated bool // by its flag or its description, as the legacy watch paths are; deprecated custom resources are not
}

// Level is the stability of an API version, as its name tells (k8s.io/apimachinery, pkg/version, helpers.go).
type Level uint8

const (
	Stable Level = iota // v1, v2; and everything without an API version
	Beta                // v1beta1
	Alpha               // v1alpha1
)

// String returns "stable", "beta" or "alpha".
func (l Level) String() string {
	switch l {
	case Beta:
		return "beta"
	case Alpha:
		return "alpha"
	}
	return "stable"
}

// The methods of operations; net/http has the same, and needs a network's worth of packages.
const (
	methodGet     = "GET"
	methodHead    = "HEAD"
	methodPost    = "POST"
	methodPut     = "PUT"
	methodPatch   = "PATCH"
	methodDelete  = "DELETE"
	methodOptions = "OPTIONS"
)
