package synthetic

import "fmt"

// test is one test under way: its namespace is made, some objects are created, polled and used, and the namespace is deleted.
type test struct {
	client, pod       *client // the test's program, and its pod, which asks something, too
	kubectl           *client
	namespace, object string
	kind              kind // of the object
	node              int
	step, middle      int // requests so far, and those between the namespace's beginning and its end
}

// What a test is about. Names as the suite's, but put together.
var (
	sigs     = []string{"node", "apps", "network", "storage", "api-machinery", "cli", "auth", "scheduling"}
	features = []string{
		"Pods", "ConfigMap", "Secrets", "Deployment", "StatefulSet", "Services", "EmptyDir volumes", "Projected downwardAPI", "Garbage collector",
		"ResourceQuota", "Kubectl client Kubectl apply", "CustomResourceDefinition resources", "Probing container", "Job", "CronJob", "DNS",
		"CSI Volumes [Driver: csi-hostpath] [Testpattern: Dynamic PV (default fs)] subPath", "InitContainer", "NetworkPolicy between server and client",
	}
	behaviours = []string{
		"should be consumable in multiple volumes in the same pod", "should provide container's memory limit", "should run and stop complex daemon",
		"should support (root,0644,tmpfs)", "should mutate custom resource with pruning", "should not start app containers if init containers fail",
		"should be able to switch session affinity for NodePort service", "should orphan pods created by rc if delete options say so",
		"should serve a basic endpoint from pods", "should verify changes to a daemon set status",
	}
	slugs = []string{"pods", "configmap", "secrets", "deployment", "statefulset", "services", "emptydir", "projected", "gc", "resourcequota",
		"kubectl", "crd-publish-openapi", "container-probe", "job", "cronjob", "dns", "provisioning", "init-container", "netpol"}
)

func newTest(l *Log, number int) *test {
	feature := l.rnd.IntN(len(features))
	name := fmt.Sprintf("[sig-%s] %s %s, case %d", sigs[l.rnd.IntN(len(sigs))], features[feature], behaviours[l.rnd.IntN(len(behaviours))], number)
	if l.rnd.IntN(3) == 0 {
		name += " [NodeConformance] [Conformance]"
	}
	t := &test{
		client: l.cluster.admin("e2e.test/" + release + " -- " + name), kubectl: l.cluster.admin("kubectl/" + release),
		namespace: fmt.Sprintf("%s-%d", slugs[feature], l.rnd.IntN(10000)), node: l.rnd.IntN(len(l.cluster.nodes)), middle: 20 + l.rnd.IntN(100),
	}
	t.create(l)
	extra := fmt.Sprintf(`,"authentication.kubernetes.io/node-name":["%s"],"authentication.kubernetes.io/node-uid":["%s"],`+
		`"authentication.kubernetes.io/pod-name":["%s"],"authentication.kubernetes.io/pod-uid":["%s"]`,
		l.cluster.nodes[t.node], l.uuid(), t.object, l.uuid())
	t.pod = l.serviceAccount(t.namespace, "default", "agnhost/v0.0.0 (linux/amd64) kubernetes/$Format", extra,
		fmt.Sprintf("RBAC: allowed by RoleBinding \"%[1]s-binding/%[1]s\" of Role \"reader\" to ServiceAccount \"default/%[1]s\"", t.namespace))
	return t
}

// create chooses the name and the kind of a new object.
func (t *test) create(l *Log) {
	t.kind = everything[min(l.rnd.IntN(len(everything)), l.rnd.IntN(len(everything)), l.rnd.IntN(len(everything)))]
	switch t.object = fmt.Sprintf("%.5s-test-%s", t.kind.resource, l.suffix(5)); l.rnd.IntN(3) {
	case 0:
		t.object = "pod-" + l.uuid()
	case 1:
		t.object = fmt.Sprintf("test-%s-%s", l.suffix(10), l.suffix(5))
	}
}

// Steps of a namespace's end: discovery, then two for each kind.
const discovery = 4

func (t *test) over() bool { return t.step >= len(beginning)+t.middle+discovery+2*len(everything)+2 }

// next is the test's next request, or one that others make for it.
func (t *test) next(l *Log) event {
	step := t.step
	t.step++
	if step < len(beginning) {
		return beginning[step](l, t)
	}
	if step -= len(beginning); step < t.middle {
		return t.use(l)
	}
	return t.end(l, step-t.middle)
}

var beginning = []func(*Log, *test) event{
	func(_ *Log, t *test) event {
		return event{by: t.client, verb: "create", kind: kind{"", "v1", "namespaces", ""}, name: t.namespace, code: 201}
	},
	func(l *Log, t *test) event {
		return event{by: l.cluster.controllers["service-account-controller"], verb: "create", kind: kind{"", "v1", "serviceaccounts", ""}, namespace: t.namespace, name: "default", code: 201}
	},
	func(l *Log, t *test) event {
		return event{by: l.cluster.controllers["root-ca-cert-publisher"], verb: "create", kind: kind{"", "v1", "configmaps", ""}, namespace: t.namespace, name: "kube-root-ca.crt", code: 201}
	},
	func(l *Log, t *test) event {
		return event{by: t.client, verb: "watch", kind: kind{"", "v1", "serviceaccounts", ""}, namespace: t.namespace, name: "default",
			query: l.watchQuery(`\u0026fieldSelector=metadata.name%3Ddefault`), code: 200}
	},
	func(l *Log, t *test) event {
		return event{by: t.client, verb: "watch", kind: kind{"", "v1", "configmaps", ""}, namespace: t.namespace, name: "kube-root-ca.crt",
			query: l.watchQuery(`\u0026fieldSelector=metadata.name%3Dkube-root-ca.crt`), code: 200}
	},
}

// end is a step of the namespace's end.
func (t *test) end(l *Log, step int) event {
	by := l.cluster.controllers["namespace-controller"]
	e := event{by: by, namespace: t.namespace, name: t.namespace, code: 200, kind: kind{"", "v1", "namespaces", ""}}
	switch {
	case step == 0:
		e.by, e.verb = t.client, "delete"
		return e
	case step < discovery:
		return event{by: by, verb: "get", path: []string{"/api", "/api", "/apis", "/apis/stable.example.com/v1"}[step], code: 200}
	}
	step -= discovery
	if step < 2*len(everything) {
		e.kind, e.name, e.verb = everything[step/2], "", []string{"deletecollection", "list"}[step%2]
		return e
	}
	e.verb, e.subresource = "update", []string{"status", "finalize"}[step%2]
	return e
}
