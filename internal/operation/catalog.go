package operation

import (
	"cmp"
	"slices"
)

// Catalog is the operations of an API server. It does not change and may be used concurrently.
type Catalog struct {
	ops       []Operation // sorted by path, then method
	resources map[key]*Operation
	paths     map[pathKey]*Operation
	templates []template // of paths with parameters that are no resource's, in the order of ops
}

// NewCatalog indexes operations, of one document or many. Of several with the same path and method the first counts.
func NewCatalog(operations []Operation) *Catalog {
	c := &Catalog{
		ops:       slices.Clone(operations),
		resources: map[key]*Operation{},
		paths:     map[pathKey]*Operation{},
	}
	slices.SortStableFunc(c.ops, compare)
	c.ops = slices.CompactFunc(c.ops, func(a, b Operation) bool { return compare(a, b) == 0 })
	for i := range c.ops {
		c.index(&c.ops[i])
	}
	return c
}

func compare(a, b Operation) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
}

// index adds an operation under what its requests ask for. Of several that ask for the same the first counts.
func (c *Catalog) index(op *Operation) {
	if k, ok := keyOf(op); ok {
		if _, taken := c.resources[k]; !taken {
			c.resources[k] = op
		}
		return
	}
	c.indexPath(op)
}

// Operations returns the operations, sorted by path, then method; each pair of them once.
func (c *Catalog) Operations() []Operation { return slices.Clone(c.ops) }

// Resolve returns the operation that a request is; nil: the documents have none. A watch is the operation of the legacy
// path /api/v1/watch/… that does the same, whichever path was asked. Where there is none, as for custom resources, it is
// that of the list, and watchOfList is true. The operation must not be changed. Resolve does not allocate.
func (c *Catalog) Resolve(a Asked) (op *Operation, watchOfList bool) {
	switch {
	case a.API.Resource == "":
		return c.resolvePath(&a), false
	case a.API.Verb == "watch":
		return c.resolveWatch(&a)
	case a.API.Verb == "proxy": // /api/v1/proxy/…, which the apiserver parses but does not serve
		return nil, false
	}
	return c.resources[keyFor(&a, formOf(&a))], false
}

func (c *Catalog) resolveWatch(a *Asked) (op *Operation, watchOfList bool) {
	if a.method() != methodGet { // the apiserver calls everything below /watch/ a watch
		return nil, false
	}
	if a.API.Name != "" {
		if op := c.resources[keyFor(a, watched|item)]; op != nil {
			return op, false
		}
	}
	if op := c.resources[keyFor(a, watched)]; op != nil {
		if a.SubPath { // /api/v1/watch/pods/NAME: pods have names in namespaces only
			return nil, false
		}
		return op, false
	}
	op = c.resources[keyFor(a, collection)]
	return op, op != nil
}

// formOf tells where a request's path ends; not for watches.
func formOf(a *Asked) form {
	switch {
	case a.API.Subresource != "" && a.SubPath:
		return below
	case a.API.Subresource == "" && ofCollection(a.API.Verb) != a.SubPath:
		return collection
	}
	return item
}

func keyFor(a *Asked, f form) key {
	if a.Namespaced {
		f |= namespaced
	}
	return key{
		method: a.method(), group: a.API.Group, version: a.API.Version,
		resource: a.API.Resource, subresource: a.API.Subresource, form: f,
	}
}
