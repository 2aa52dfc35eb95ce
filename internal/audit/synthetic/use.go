package synthetic

import "fmt"

// use is a request of a test's middle: most are the test's, which creates objects and polls them.
func (t *test) use(l *Log) event {
	e := event{by: t.client, kind: t.kind, namespace: t.namespace, name: t.object, code: 200}
	n := l.rnd.IntN(100)
	switch {
	case n < 6:
		t.create(l)
		e.verb, e.code, e.kind, e.name = "create", 201, t.kind, t.object
		if t.kind.resource == "pods" {
			e.annotations = `,"pod-security.kubernetes.io/enforce-policy":"privileged:latest"`
		}
	case n < 40:
		e.verb = "get"
		if l.rnd.IntN(8) == 0 {
			e.fail("NotFound", "not found", 404)
		}
	case n < 46:
		e.verb, e.name, e.query = "list", "", fmt.Sprintf(`?labelSelector=name%%3D%s`, t.object)
	case n < 50:
		e.verb, e.query = "watch", l.watchQuery(`\u0026fieldSelector=metadata.name%3D`+t.object)
	case n < 54:
		e.verb = []string{"update", "patch", "delete", "update"}[n-50]
		if l.rnd.IntN(8) == 0 {
			e.fail("Conflict", "the object has been modified; please apply your changes to the latest version and try again", 409)
		}
	case n < 60:
		e.by, e.verb = t.kubectl, "get"
	default:
		t.others(l, &e, n-60)
	}
	return e
}

// others makes the request one that others make for the test. n is random, below 40.
func (t *test) others(l *Log, e *event, n int) {
	c := l.cluster
	switch {
	case n < 5:
		e.by, e.verb, e.kind = c.kubelets[t.node], "get", kind{"", "v1", "pods", ""}
	case n < 13:
		e.by, e.verb, e.kind = c.kubelets[t.node], "patch", kind{"", "v1", "pods", "status"}
	case n < 19:
		e.by, e.verb, e.kind = c.kubelets[t.node], "create", kind{"", "v1", "events", ""}
		e.name, e.code = fmt.Sprintf("%s.%016x", t.object, 0x18eb000000000000+l.rnd.Int64N(1<<40)), 201
	case n < 22:
		e.by, e.verb, e.kind = c.kubelets[t.node], "watch", kind{"", "v1", "configmaps", ""}
		e.name, e.query = "kube-root-ca.crt", l.watchQuery(`\u0026fieldSelector=metadata.name%3Dkube-root-ca.crt`)
	case n < 24:
		e.by, e.verb, e.kind, e.code = c.scheduler, "create", kind{"", "v1", "pods", "binding"}, 201
	case n < 27:
		e.by, e.verb, e.kind, e.name = c.controllers["endpointslice-controller"], "update", kind{"discovery.k8s.io", "v1", "endpointslices", ""}, t.object+"-"+l.suffix(5)
	case n < 29:
		e.by, e.verb, e.kind = c.controllers["endpoint-controller"], "update", kind{"", "v1", "endpoints", ""}
		e.annotations = `,"k8s.io/deprecated":"true"`
	case n < 32:
		e.by, e.verb, e.kind = c.controllers["replicaset-controller"], "create", kind{"", "v1", "pods", ""}
		e.name, e.code = t.object+"-"+l.suffix(5), 201
	case n < 35:
		e.by, e.verb, e.kind = c.controllers["deployment-controller"], "update", kind{"apps", "v1", "deployments", "status"}
	default:
		e.by, e.verb, e.kind, e.name = t.pod, "get", kind{"", "v1", "configmaps", ""}, t.object
	}
}

// fail makes the answer an error, as apimachinery's errors are logged.
func (e *event) fail(reason, message string, code int) {
	e.code = code
	e.failure = fmt.Sprintf(`"status":"Failure","message":"%[1]s \"%[2]s\" %[3]s","reason":"%[4]s","details":{"name":"%[2]s","kind":"%[1]s"},`,
		e.resource, e.name, message, reason)
}
