package rundiff

import (
	"regexp"
	"strings"

	"e2etap/internal/db"
)

// OperationOf is the identity of the operation that an endpoint is of, in words: "list v1 pods (namespaced)",
// "create apps/v1 deployments/scale (namespaced)", "get /version". All comparisons go by it and nothing else of an endpoint.
//
// The method is implied by the verb, but for HEAD, which is named in place of the verb: so a run made from an audit log, which
// has no methods, compares with a recorded one. Tests make up names of custom resources and their groups: what is generated of
// these is a *.
func OperationOf(e db.Endpoint) string {
	verb := e.Verb
	if e.Method == "HEAD" {
		verb = "head"
	}
	if e.Resource == "" {
		return verb + " " + e.Path
	}
	version, resource := e.Version, e.Resource
	if e.Group != "" {
		version = e.Group + "/" + e.Version
	}
	if strings.Contains(e.Group, ".") && !strings.HasSuffix(e.Group, ".k8s.io") {
		version, resource = withoutGenerated(e.Group)+"/"+e.Version, withoutGenerated(e.Resource)
	}
	if e.Subresource != "" {
		resource += "/" + e.Subresource
	}
	if e.Namespaced {
		resource += " (namespaced)"
	}
	return verb + " " + version + " " + resource
}

// generated is a number that the e2e framework appends to a namespace's name, or text of the alphabet of names that the API server
// generates (k8s.io/apimachinery, pkg/util/rand, String), in which there are no vowels.
var generated = regexp.MustCompile(`-[0-9]+|[bcdfghjklmnpqrstvwxz2456789]{5,}`)

func withoutGenerated(name string) string {
	return generated.ReplaceAllStringFunc(name, func(part string) string {
		switch {
		case part[0] == '-':
			return "-*"
		case len(part) == 5, strings.ContainsAny(part, "2456789"): // "httpproxies" is a word of people
			return "*"
		}
		return part
	})
}
