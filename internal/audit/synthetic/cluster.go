package synthetic

import "fmt"

// cluster is what there is beside the tests: nodes, and a control plane that elects leaders and watches everything.
type cluster struct {
	certificate                   string // of the tests' administrator
	apiserver, scheduler, manager *client
	controllers                   map[string]*client
	nodes                         []string
	kubelets                      []*client
}

// nodes of a cluster for Kubernetes' CI jobs.
const nodes = 3

func newCluster(l *Log) *cluster {
	c := &cluster{certificate: l.credential(), controllers: map[string]*client{}}
	own := func(user, agent string) *client {
		return l.component(user, agent, "10.128.0.3", ","+l.credential(),
			fmt.Sprintf(`RBAC: allowed by ClusterRoleBinding "%[1]s" of ClusterRole "%[1]s" to User "%[1]s"`, user))
	}
	c.apiserver = l.component("system:apiserver", "kube-apiserver/"+release, "::1", "", "")
	c.scheduler = own("system:kube-scheduler", "kube-scheduler/"+release+"/scheduler")
	c.manager = own("system:kube-controller-manager", "kube-controller-manager/"+release+"/leader-election")
	for _, name := range []string{
		"namespace-controller", "service-account-controller", "root-ca-cert-publisher", "endpointslice-controller",
		"endpoint-controller", "replicaset-controller", "deployment-controller", "generic-garbage-collector",
	} {
		c.controllers[name] = l.controller(name)
	}
	for range nodes {
		name := "bootstrap-e2e-minion-group-" + l.suffix(4)
		c.nodes, c.kubelets = append(c.nodes, name), append(c.kubelets, l.node(name))
	}
	return c
}

// next is a request that has nothing to do with a test.
func (c *cluster) next(l *Log) event {
	leases := kind{"coordination.k8s.io", "v1", "leases", ""}
	node := l.rnd.IntN(len(c.nodes))
	switch n := l.rnd.IntN(100); {
	case n < 25:
		return event{by: c.kubelets[node], verb: "update", kind: leases, namespace: "kube-node-lease", name: c.nodes[node], query: "?timeout=10s", code: 200}
	case n < 30:
		return event{by: c.kubelets[node], verb: "patch", kind: kind{"", "v1", "nodes", "status"}, name: c.nodes[node], query: "?timeout=10s", code: 200}
	case n < 45:
		leader := []struct {
			by   *client
			name string
		}{{c.scheduler, "kube-scheduler"}, {c.manager, "kube-controller-manager"}}[n%2]
		return event{by: leader.by, verb: []string{"get", "update"}[n/2%2], kind: leases, namespace: "kube-system", name: leader.name, query: "?timeout=5s", code: 200}
	case n < 55:
		return event{by: c.apiserver, verb: "get", path: []string{"/livez", "/readyz", "/api/v1", "/apis"}[n%4], code: 200}
	case n < 60:
		return event{by: c.apiserver, verb: "list", kind: everything[l.rnd.IntN(len(everything))], code: 200}
	}
	by := []*client{c.apiserver, c.scheduler, c.manager, c.controllers["generic-garbage-collector"], c.kubelets[node]}[l.rnd.IntN(5)]
	return event{by: by, verb: "watch", kind: everything[l.rnd.IntN(len(everything))], query: l.watchQuery(""), code: 200}
}

// watchQuery asks for a watch, with a selector or not.
func (l *Log) watchQuery(selector string) string {
	seconds := 300 + l.rnd.IntN(300)
	return fmt.Sprintf(`?allowWatchBookmarks=true%s\u0026resourceVersion=%d\u0026timeout=%dm%ds\u0026timeoutSeconds=%d\u0026watch=true`,
		selector, l.revision, seconds/60, seconds%60, seconds)
}

// everything is what is in namespaces, and what the namespace controller deletes of them in the end.
var everything = []kind{
	{"", "v1", "pods", ""}, {"", "v1", "configmaps", ""}, {"", "v1", "secrets", ""}, {"", "v1", "services", ""},
	{"", "v1", "serviceaccounts", ""}, {"", "v1", "resourcequotas", ""}, {"", "v1", "replicationcontrollers", ""},
	{"", "v1", "limitranges", ""}, {"", "v1", "podtemplates", ""}, {"", "v1", "endpoints", ""},
	{"", "v1", "persistentvolumeclaims", ""}, {"events.k8s.io", "v1", "events", ""}, {"apps", "v1", "deployments", ""},
	{"apps", "v1", "replicasets", ""}, {"apps", "v1", "statefulsets", ""}, {"apps", "v1", "daemonsets", ""},
	{"apps", "v1", "controllerrevisions", ""}, {"batch", "v1", "jobs", ""}, {"batch", "v1", "cronjobs", ""},
	{"networking.k8s.io", "v1", "networkpolicies", ""}, {"networking.k8s.io", "v1", "ingresses", ""},
	{"rbac.authorization.k8s.io", "v1", "roles", ""}, {"rbac.authorization.k8s.io", "v1", "rolebindings", ""},
	{"discovery.k8s.io", "v1", "endpointslices", ""}, {"policy", "v1", "poddisruptionbudgets", ""},
	{"coordination.k8s.io", "v1", "leases", ""}, {"autoscaling", "v2", "horizontalpodautoscalers", ""},
	{"storage.k8s.io", "v1", "csistoragecapacities", ""}, {"resource.k8s.io", "v1", "resourceclaims", ""},
}
