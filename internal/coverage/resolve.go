package coverage

import (
	"e2etap/internal/db"
	"e2etap/internal/operation"
)

// Resolver returns a function that finds the operation of an endpoint, for questions that a recording answers by endpoint; nil if
// there is none. The function must not be used by several goroutines.
func (r *Run) Resolver() func(db.Endpoint) *Op {
	operations := make([]operation.Operation, len(r.Operations))
	index := make(map[template]*Op, len(r.Operations))
	for i := range r.Operations {
		op := &r.Operations[i]
		operations[i] = op.Operation
		index[template{op.Method, op.Path}] = op
	}
	catalog, known := operation.NewCatalog(operations), map[db.Endpoint]*Op{}
	return func(e db.Endpoint) *Op {
		op, asked := known[e]
		if asked {
			return op
		}
		if found, _ := catalog.Resolve(askedOf(e)); found != nil {
			op = index[template{found.Method, found.Path}]
		}
		known[e] = op
		return op
	}
}

// Own returns the operations of kube-apiserver's own APIs: not those of custom resources, nor of aggregated API servers. It goes by
// groups, so it does not tell apart a group of Kubernetes (*.k8s.io) that an aggregated server has.
func (r *Run) Own() []*Op {
	discovered := r.discovered()
	var own []*Op
	for i := range r.Operations {
		if op := &r.Operations[i]; isOwn(op.Path, discovered) {
			own = append(own, op)
		}
	}
	return own
}
