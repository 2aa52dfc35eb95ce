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
	test     string // "" if the first test that named itself there had not created a namespace
	requests int    // in which that test named itself
	shared   bool   // others did as well
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
		o = &owner{}
		n.owners[name] = o
		if n.created[test] > 0 {
			n.created[test]--
			o.test = test
		}
	}
	if o.test == test {
		o.requests++
	} else {
		o.shared = true
	}
}

// owner returns the test that a namespace belongs to; with hidden, only if more than one request says so.
func (n *namespaces) owner(name string, hidden bool) string {
	o := n.owners[name]
	if o == nil || o.shared || hidden && o.requests < 2 {
		return ""
	}
	return o.test
}

// isShared tells of the namespaces that a cluster has from its start.
func isShared(name string) bool { return name == "default" || strings.HasPrefix(name, "kube-") }
