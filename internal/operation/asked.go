package operation

import (
	"net/url"
	"slices"
	"strings"

	"e2etap/internal/traffic"
)

// Asked is what a request asked for, as the recording keeps it.
type Asked struct {
	// Method is HTTP's: "GET". If only the verb is known, as from an audit log, it is "" and the method is the verb's;
	// a HEAD is then taken for the GET that its verb says.
	Method string
	// API is the request in the apiserver's own words. Name and Namespace may be empty even if the path has them. Only a
	// watch's Name counts.
	API traffic.API
	// Namespaced tells whether the path has /namespaces/NAME/ before the resource.
	Namespaced bool
	// SubPath tells whether something follows the subresource, as in …/proxy/metrics. Without a subresource it says that
	// the path does not end where the verb's do: a POST to an object, a PUT to a collection, a legacy watch of an object.
	SubPath bool
	// Path is that of a request that is for no resource, unescaped: "/healthz/etcd", "/apis/apps/v1".
	Path string
}

// AskedOf says what a request asked for, from its method ("" if only the verb is known), its path without the query,
// escaped or as the apiserver sees it, below the server's base path, and what apirequest.Parse or an audit event says of
// it. A path with an empty segment before the subresource's end, which the apiserver parses but never serves, is for no
// resource.
func AskedOf(method, path string, api traffic.API) Asked {
	if raw, err := url.PathUnescape(path); err == nil {
		path = raw
	}
	parts, ok := belowVersion(path)
	if api.Resource == "" || !ok {
		return Asked{Method: method, API: traffic.API{Verb: api.Verb}, Path: path}
	}
	a := Asked{Method: method, API: api}
	if inNamespace(parts) {
		a.Namespaced = true
		parts = parts[2:]
	}
	a.SubPath = !endsRight(len(parts), api)
	return a
}

// belowVersion returns the segments of a resource's path from the resource, or its namespace, on; false: one of those that
// the apiserver's routes name is empty.
func belowVersion(path string) (parts []string, ok bool) {
	_, _, parts = splitTemplate(path)
	if len(parts) > 1 && (parts[0] == "watch" || parts[0] == "proxy") { // k8s.io/apiserver, specialVerbs
		parts = parts[1:]
	}
	routed := 3 // resource, name, subresource
	if inNamespace(parts) {
		routed = 5
	}
	return parts, strings.HasPrefix(path, "/api") && !slices.Contains(parts[:min(routed, len(parts))], "")
}

// endsRight tells whether a path with so many segments from the resource on is as long as its verb wants it.
func endsRight(segments int, api traffic.API) bool {
	switch {
	case api.Subresource != "":
		return segments == 3
	case api.Verb == "watch", ofCollection(api.Verb):
		return segments == 1
	}
	return segments == 2
}

// ofCollection tells whether a verb, without a subresource, is one of a collection.
func ofCollection(verb string) bool {
	return verb == "list" || verb == "create" || verb == "deletecollection"
}

// method returns the method of a request, or that of its verb (k8s.io/apiserver, pkg/endpoints/request, NewRequestInfo):
// of the methods of documented operations, only OPTIONS has no verb.
func (a *Asked) method() string {
	if a.Method != "" {
		return a.Method
	}
	switch a.API.Verb {
	case "get", "list", "watch":
		return methodGet
	case "create":
		return methodPost
	case "update":
		return methodPut
	case "patch":
		return methodPatch
	case "delete", "deletecollection":
		return methodDelete
	case "":
		return methodOptions
	}
	return ""
}
