package operation

import (
	"strings"
)

// pathKey is an operation that is for no resource, its path without a trailing slash.
type pathKey struct{ method, path string }

// template is a path with parameters, "/logs/{logpath}", without a trailing slash.
type template struct {
	path string
	op   *Operation
}

func (c *Catalog) indexPath(op *Operation) {
	path := strings.TrimRight(op.Path, "/")
	if strings.Contains(path, "/{") {
		c.templates = append(c.templates, template{path, op})
		return
	}
	k := pathKey{op.Method, path}
	if _, taken := c.paths[k]; !taken {
		c.paths[k] = op
	}
}

// resolvePath finds the operation of a request for no resource, whose verb is its method in small letters.
func (c *Catalog) resolvePath(a *Asked) *Operation {
	method, path := a.Method, strings.TrimRight(a.Path, "/")
	if method == "" {
		method = methodOf(a.API.Verb)
	}
	if op := c.paths[pathKey{method, path}]; op != nil {
		return op
	}
	if method == methodHead && answersHead(path) {
		return c.paths[pathKey{methodGet, path}]
	}
	for _, t := range c.templates { // of the apiserver's own there is one
		if t.op.Method == method && matches(t.path, path) {
			return t.op
		}
	}
	return nil
}

// methodOf is strings.ToUpper, for the methods that operations have, without allocating.
func methodOf(verb string) string {
	switch verb {
	case "get":
		return methodGet
	case "head":
		return methodHead
	case "options":
		return methodOptions
	case "post":
		return methodPost
	case "put":
		return methodPut
	case "patch":
		return methodPatch
	case "delete":
		return methodDelete
	}
	return ""
}

// answersHead tells whether kube-apiserver answers a HEAD of this path as it does a GET: its aggregator's handlers of
// discovery, for all groups but its own, ask for no method (k8s.io/kube-aggregator, pkg/apiserver/handler_apis.go).
func answersHead(path string) bool {
	group, ok := strings.CutPrefix(path, "/apis/")
	return path == "/apis" || ok && !strings.Contains(group, "/") && group != "apiregistration.k8s.io"
}

// matches tells whether a path is one of the template's. Its last parameter takes all that remains, as "{logpath:*}" does
// in the apiserver's routes, whose documents leave the asterisk out.
func matches(template, path string) bool {
	for {
		want, templateRest, more := strings.Cut(template, "/")
		if !more && isParameter(want) {
			return path != ""
		}
		got, pathRest, pathMore := strings.Cut(path, "/")
		if want != got && (!isParameter(want) || got == "") || more != pathMore {
			return false
		}
		if !more {
			return true
		}
		template, path = templateRest, pathRest
	}
}
