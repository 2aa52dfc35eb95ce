package tagger

import (
	"strings"

	"e2etap/internal/traffic"
)

// namespaces knows which namespace belongs to which test: one that the test has created, as far as requests tell without
// their bodies, and in which no other test has named itself.
type namespaces struct {
	owners  map[string]*owner
	created map[string]int // by test: requests that create a namespace, less those that were found to be its own
}

// owner is what is known of a namespace.
type owner struct {
	first    claim // of the test that named itself there first
	second   claim // of another test, if it did so with the next request: it would have been the first without that one
	requests int   // in which any test named itself
	since    moment
}

// claim is what makes a namespace a test's.
type claim struct {
	test     string
	created  bool // the test had created a namespace
	requests int  // in which it named itself there
}

func newNamespaces() namespaces {
	return namespaces{owners: map[string]*owner{}, created: map[string]int{}}
}

// learn takes note of a request that names its test.
//
// The name of a new namespace is in the body of the request that creates it. So a namespace is taken for the test's that
// has just created one and is the first to name itself in it, once for each namespace that it created.
func (n *namespaces) learn(q *traffic.Request, test string) {
	if q.API.Resource == "namespaces" && q.API.Verb == "create" && q.API.Subresource == "" {
		n.created[test]++
		return
	}
	name := q.API.Namespace
	if name == "" || isShared(name) {
		return
	}
	o := n.owners[name]
	if o == nil {
		o = &owner{first: claim{test: test, created: n.created[test] > 0}, since: momentOf(q.Start)}
		n.owners[name] = o
		if o.first.created {
			n.created[test]--
		}
	}
	if o.requests++; o.requests == 2 && o.first.test != test {
		o.second = claim{test: test, created: n.created[test] > 0}
	}
	switch test {
	case o.first.test:
		o.first.requests++
	case o.second.test:
		o.second.requests++
	}
}

// owner returns the test that a request's namespace belongs to. own is the test that the request names, if what was learned from
// that is not to count; else "".
func (n *namespaces) owner(q *traffic.Request, own string) string {
	o := n.owners[q.API.Namespace]
	if o == nil {
		return ""
	}
	c, requests := o.first, o.requests
	if own != "" {
		requests--
	}
	switch {
	case own != c.test:
	case c.requests == 1:
		c = o.second
	case o.since == momentOf(q.Start):
		return "" // without the request another namespace may have been the one that its test had created
	default:
		c.requests--
	}
	if !c.created || c.requests != requests {
		return ""
	}
	return c.test
}

// isShared tells of the namespaces that a cluster has from its start.
func isShared(name string) bool { return name == "default" || strings.HasPrefix(name, "kube-") }

// namespaceOf returns the namespace that kubectl's arguments name; "" if they do not.
func namespaceOf(command []string) string {
	for i, arg := range command {
		if name, ok := strings.CutPrefix(arg, "--namespace="); ok {
			return name
		}
		if (arg == "--namespace" || arg == "-n") && i+1 < len(command) {
			return command[i+1]
		}
	}
	return ""
}
