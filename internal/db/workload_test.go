package db

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"e2etap/internal/traffic"
)

// workload makes requests as an e2e run sends them: some workers, each running one test after another with a namespace
// of its own, objects that are created, polled and deleted, watches, kubectl children, a few errors.
type workload struct {
	rnd     *rand.Rand
	workers []worker
	now     time.Time
	tests   int
	perTest int // requests, on average
}

type worker struct {
	test, agent, namespace, object string
	left, kinds                    int // requests of this test, and where in kinds its three begin
}

func newWorkload(workers int) *workload {
	return &workload{rnd: rand.New(rand.NewPCG(1, 2)), workers: make([]worker, workers), now: start, perTest: 50}
}

var kinds = []struct{ group, version, resource string }{
	{"", "v1", "pods"}, {"", "v1", "configmaps"}, {"", "v1", "secrets"}, {"", "v1", "services"}, {"", "v1", "events"},
	{"", "v1", "serviceaccounts"}, {"apps", "v1", "deployments"}, {"apps", "v1", "replicasets"},
	{"apps", "v1", "statefulsets"}, {"batch", "v1", "jobs"}, {"rbac.authorization.k8s.io", "v1", "rolebindings"},
	{"networking.k8s.io", "v1", "networkpolicies"}, {"storage.k8s.io", "v1", "csistoragecapacities"},
	{"discovery.k8s.io", "v1", "endpointslices"}, {"coordination.k8s.io", "v1", "leases"},
}

var verbs = []struct {
	verb, method string
	weight       int
}{
	{"get", "GET", 55}, {"list", "GET", 15}, {"create", "POST", 12}, {"delete", "DELETE", 6}, {"watch", "GET", 5},
	{"patch", "PATCH", 4}, {"update", "PUT", 3},
}

func (w *workload) verb() (verb, method string) {
	n := w.rnd.IntN(100)
	for _, v := range verbs {
		if n -= v.weight; n < 0 {
			return v.verb, v.method
		}
	}
	panic("weights do not add up")
}

func (w *workload) worker() *worker {
	k := &w.workers[w.rnd.IntN(len(w.workers))]
	if k.left == 0 {
		w.tests++
		k.left, k.kinds = w.perTest/2+w.rnd.IntN(w.perTest), w.rnd.IntN(len(kinds))
		k.test = fmt.Sprintf("[sig-%s] Feature %d %s should behave as the specification of case %d says [Conformance]",
			[]string{"node", "apps", "network", "storage", "api-machinery"}[w.tests%5], w.tests%97, strings.Repeat("of the kind ", w.tests%5), w.tests)
		k.namespace = fmt.Sprintf("feature-%d-%d", w.tests%97, w.rnd.IntN(10000))
		k.agent = "e2e.test/v1.37.2 (linux/amd64) kubernetes/0a1b2c3 -- " + k.test
	}
	k.left--
	if k.object == "" || w.rnd.IntN(5) == 0 {
		k.object = fmt.Sprintf("test-object-%08x-%05x", w.rnd.Uint32(), w.rnd.IntN(1<<20))
	}
	return k
}

func (w *workload) next() traffic.Request {
	k := w.worker()
	verb, method := w.verb()
	kind := kinds[(k.kinds+min(w.rnd.IntN(3), w.rnd.IntN(3)))%len(kinds)]
	w.now = w.now.Add(time.Duration(w.rnd.ExpFloat64() * 2e7))
	q := traffic.Request{
		Connection: int64(1 + w.rnd.IntN(200)), Start: w.now, Duration: time.Duration(3e6 * (0.3 + w.rnd.ExpFloat64())),
		Method: method, API: traffic.API{
			Verb: verb, Group: kind.group, Version: kind.version, Resource: kind.resource, Namespace: k.namespace,
		},
		Status: 200, BytesOut: int64(w.rnd.IntN(9000)), ResponseContentType: "application/vnd.kubernetes.protobuf",
		Client:  traffic.Client{UserAgent: k.agent, Credential: traffic.CredentialRun},
		AuditID: uuid.Must(uuid.NewRandomFromReader(randomBytes{w.rnd})).String(), Attribution: traffic.Attribution{Test: k.test, Source: traffic.SourceUserAgent},
	}
	q.FirstByte = q.Duration * 9 / 10
	w.shape(&q, k)
	q.Path = pathOf(q.API)
	return q
}

// shape adds what depends on the verb.
func (w *workload) shape(q *traffic.Request, k *worker) {
	switch q.API.Verb {
	case "create", "patch", "update":
		q.RequestContentType, q.BytesIn, q.Query.FieldManager = q.ResponseContentType, int64(w.rnd.IntN(4000)), "e2e.test"
		if q.API.Verb == "create" {
			q.Status = 201
		} else {
			q.API.Name = k.object
		}
	case "watch":
		q.Query.Watch, q.Query.FieldSelector, q.API.Name = true, "metadata.name="+k.object, k.object
	case "get", "delete":
		q.API.Name = k.object
		if w.rnd.IntN(12) == 0 {
			q.Status = 404
		}
	}
	if w.rnd.IntN(20) == 0 { // a kubectl child
		q.Test, q.Source = "", traffic.SourceNone
		q.Client = traffic.Client{
			UserAgent: "kubectl/v1.37.2 (linux/amd64) kubernetes/0a1b2c3", KubectlCommand: "kubectl " + q.API.Verb,
			KubectlSession: q.AuditID, Credential: traffic.CredentialRun,
		}
	}
}

type randomBytes struct{ rnd *rand.Rand }

func (r randomBytes) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(r.rnd.Uint32())
	}
	return len(b), nil
}

// pathOf is the usual path of a request.
func pathOf(a traffic.API) string {
	path := "/api/" + a.Version
	if a.Group != "" {
		path = "/apis/" + a.Group + "/" + a.Version
	}
	if a.Namespace != "" {
		path += "/namespaces/" + a.Namespace
	}
	path += "/" + a.Resource
	if a.Name != "" && a.Verb != "list" && a.Verb != "watch" {
		path += "/" + a.Name
	}
	return path
}
