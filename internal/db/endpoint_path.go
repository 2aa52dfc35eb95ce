package db

import (
	"net/url"
	"strings"
)

// usualPath is the usual path of a request, which the view requests makes in the same way. Only requests with another one keep
// theirs. It is "" for what is not a resource.
func (e endpoint) usualPath(namespace, name string) string {
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

// hasSubPath tells whether something other than slashes follows the subresource in a path, which may begin with a base path.
func (e endpoint) hasSubPath(path string) bool {
	if plain, err := url.PathUnescape(path); err == nil { // as the API server reads it
		path = plain
	}
	asked := 3 // resource, name, subresource
	if e.namespaced {
		asked += 2
	}
	parts := strings.SplitN(e.belowVersion(path), "/", asked+1)
	return len(parts) > asked && strings.Trim(parts[asked], "/") != ""
}

// omitsNamespace tells whether the path is one of the endpoint's that names no namespace.
func (e endpoint) omitsNamespace(path string) bool {
	below := e.belowVersion(path)
	return below != "" && !strings.HasPrefix(strings.TrimPrefix(below, "watch/"), "namespaces/")
}

// belowVersion is what follows the API version in the path of a resource; "" if the path is not of the endpoint's group and version.
func (e endpoint) belowVersion(path string) string {
	root := "/api/" + e.version + "/"
	if e.group != "" {
		root = "/apis/" + e.group + "/" + e.version + "/"
	}
	_, below, _ := strings.Cut(path, root)
	return below
}

// Paths of what is no resource are kept up to these sizes.
const (
	maxPathBytes    = 128
	maxPathSegments = 4
)

// boundedPath is what an endpoint keeps of a path that is of no resource: one that an API server may serve as it is, and of others
// the first segment and "/*", or "/*" if that is too long.
func boundedPath(path string) string {
	trimmed := strings.Trim(path, "/")
	first, _, _ := strings.Cut(trimmed, "/")
	switch {
	case trimmed == "" && len(path) <= 1:
		return path
	case isServed(first) && len(path) <= maxPathBytes && strings.Count(trimmed, "/") < maxPathSegments:
		return path
	case first == "" || len(first) > maxPathBytes:
		return anyPath
	}
	return "/" + first + anyPath
}

// anyPath stands for paths that are not told apart.
const anyPath = "/*"

// cutPath is what is kept of a bounded path when there are too many.
func cutPath(path string) string {
	first, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	if isServed(first) {
		return "/" + first + anyPath
	}
	return anyPath
}

// isServed tells whether the paths of kube-apiserver that are no resources begin with a segment.
func isServed(first string) bool {
	switch first {
	case "api", "apis", "version", "healthz", "livez", "readyz", "metrics", "openapi", "logs", ".well-known", "openid", "debug",
		"flagz", "statusz", "configz":
		return true
	}
	return false
}
