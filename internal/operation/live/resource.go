package live

import (
	"cmp"
	"strings"

	"e2etap/internal/traffic"
)

// resourceOf is what a request is for, if that is a resource or the discovery of a group version.
func resourceOf(q *traffic.Request) (resource, bool) {
	if a := &q.API; a.Resource != "" {
		return resource{a.Group, a.Version, a.Resource}, true
	}
	r, ok := resourceIn(q.Path)
	return r, ok && r.name == ""
}

// resourceIn takes the group, version and resource from a path, or from an operation's template:
// "/apis/apps/v1/namespaces/{namespace}/deployments".
func resourceIn(path string) (resource, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) >= 2 && parts[0] == "api":
		return resource{"", parts[1], nameIn(parts[2:])}, true
	case len(parts) >= 3 && parts[0] == "apis":
		return resource{parts[1], parts[2], nameIn(parts[3:])}, true
	}
	return resource{}, false
}

// nameIn is the resource in what follows a version: "pods" in "watch/namespaces/{namespace}/pods".
func nameIn(parts []string) string {
	if len(parts) > 1 && parts[0] == "watch" {
		parts = parts[1:]
	}
	if len(parts) > 2 && parts[0] == "namespaces" && parts[2] != "status" && parts[2] != "finalize" {
		parts = parts[2:]
	}
	if len(parts) == 0 {
		return ""
	}
	return parts[0]
}

// defines tells whether a request changes which resources there are: those of custom resources, and of aggregated API
// servers.
func defines(a *traffic.API) bool {
	switch a.Verb {
	case "create", "update", "patch", "delete", "deletecollection":
		return a.Group == "apiextensions.k8s.io" && a.Resource == "customresourcedefinitions" ||
			a.Group == "apiregistration.k8s.io" && a.Resource == "apiservices"
	}
	return false
}

func (r resource) compare(other resource) int {
	return cmp.Or(cmp.Compare(r.group, other.group), cmp.Compare(r.version, other.version), cmp.Compare(r.name, other.name))
}
