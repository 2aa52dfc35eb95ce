package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"e2etap/internal/apirequest"
	"e2etap/internal/clustertest"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// A question is a request whose operation is known.
type question struct {
	op                  operation.Operation
	method, path, query string

	id     string // its Audit-ID
	status int
	answer string // the beginning of the answer's body
}

func (q *question) String() string { return q.method + " " + q.path + "?" + q.query }

func (q *question) asked() operation.Asked {
	api, _ := apirequest.Parse(q.method, q.path, q.query)
	return operation.AskedOf(q.method, q.path, api)
}

// askForEach asks the server for each of the operations and compares what the catalog and the server's audit log say of it.
// Watches are asked for on their legacy paths and as lists.
func askForEach(t *testing.T, c *clustertest.Cluster, catalog *operation.Catalog, ops []operation.Operation) {
	t.Helper()
	fill := strings.NewReplacer("{namespace}", throwaway(t, c), "{name}", "e2etap-none", "{path}", "a/b", "{logpath}", "a/b")
	var questions []*question
	for _, op := range ops {
		questions = append(questions, questionsFor(op, fill)...)
	}
	offset := c.AuditOffset(t)
	sendAll(t, c, questions)
	for _, q := range questions {
		checkAnswer(t, catalog, q)
	}
	checkAudit(t, c, offset, catalog, questions)
	t.Logf("%d requests for %d operations", len(questions), len(ops))
}

// throwaway makes a namespace for this test.
func throwaway(t *testing.T, c *clustertest.Cluster) string {
	t.Helper()
	client := kubernetes.NewForConfigOrDie(c.RESTConfig(t)).CoreV1().Namespaces()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "e2etap-operations-"}}
	ns, err := client.Create(t.Context(), ns, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Delete(context.Background(), ns.Name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	return ns.Name
}

// questionsFor returns requests of an operation: one by its template and, for those of the legacy watch paths, one that
// watches a list. Nothing that they ask for is there, and none changes anything.
func questionsFor(op operation.Operation, fill *strings.Replacer) []*question {
	q := &question{op: op, method: op.Method, path: fill.Replace(op.Path)}
	switch op.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		q.query = "dryRun=All"
	case http.MethodDelete:
		q.query = "dryRun=All&labelSelector=e2etap%3Dnone"
	}
	list := &question{op: op, method: op.Method, query: "watch=true"}
	switch op.Action {
	case "watchlist":
		list.path = strings.Replace(q.path, "/watch/", "/", 1)
	case "watch":
		collection, _ := strings.CutSuffix(op.Path, "/{name}")
		list.path = strings.Replace(fill.Replace(collection), "/watch/", "/", 1)
		list.query += "&fieldSelector=metadata.name%3De2etap-none"
	default:
		return []*question{q}
	}
	return []*question{q, list}
}

// sendAll sends requests, eight at a time.
func sendAll(t *testing.T, c *clustertest.Cluster, questions []*question) {
	t.Helper()
	client, err := rest.HTTPClientFor(c.RESTConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	next := make(chan *question)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for q := range next {
				if err := q.send(client, c.Server); err != nil {
					t.Errorf("%s: %v", q, err)
				}
			}
		})
	}
	for _, q := range questions {
		next <- q
	}
	close(next)
	wg.Wait()
}

// send sends the request and reads the beginning of an answer, but of a watch nothing.
func (q *question) send(client *http.Client, server string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, q.method, server+q.path+"?"+q.query, bytes.NewReader(q.body()))
	if err != nil {
		return err
	}
	q.id = uuid.NewString()
	r.Header.Set("Audit-ID", q.id)
	r.Header.Set("User-Agent", "operation "+q.op.ID)
	r.Header.Set("Content-Type", "application/json")
	if q.method == http.MethodPatch {
		r.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	q.status = resp.StatusCode
	if q.status != http.StatusOK {
		data, err := io.ReadAll(io.LimitReader(resp.Body, 1024))
		q.answer = string(data)
		return err
	}
	return nil
}

func (q *question) body() []byte {
	switch q.method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		return []byte("{}")
	}
	return nil
}

// unrouted are what the API server says of what it has no handler for.
var unrouted = []string{"404 page not found", "could not find the requested resource", "does not allow this method"}

func checkAnswer(t *testing.T, catalog *operation.Catalog, q *question) {
	t.Helper()
	for _, words := range unrouted {
		if strings.Contains(q.answer, words) && q.op.ID != "logFileHandler" { // which says so of a file
			t.Errorf("%s is no request of an operation: %d %s", q, q.status, q.answer)
		}
	}
	checkResolved(t, catalog, q.asked(), q.op, q)
}

func checkResolved(t *testing.T, catalog *operation.Catalog, a operation.Asked, want operation.Operation, from fmt.Stringer) {
	t.Helper()
	got, watchOfList := catalog.Resolve(a)
	switch {
	case got == nil:
		t.Errorf("%s (%+v) is no operation, want %s", from, a, want.ID)
	case *got != want || watchOfList:
		t.Errorf("%s (%+v) is %s (watch of list: %v), want %s", from, a, got.ID, watchOfList, want.ID)
	}
}

// checkAudit compares with the audit log, of which the same operation must follow without the method.
func checkAudit(t *testing.T, c *clustertest.Cluster, offset int64, catalog *operation.Catalog, questions []*question) {
	t.Helper()
	byAuditID := map[string]clustertest.AuditEvent{}
	c.WaitAudit(t, offset, func(events []clustertest.AuditEvent) bool {
		for _, e := range events {
			byAuditID[e.AuditID] = e
		}
		for _, q := range questions {
			if _, there := byAuditID[q.id]; !there {
				return false
			}
		}
		return true
	})
	for _, q := range questions {
		e := byAuditID[q.id]
		api, ours := auditedAPI(e), q.asked().API
		if known := nameless(api); known != nameless(ours) {
			t.Errorf("%s: the audit log says %+v, we %+v", q, known, nameless(ours))
		}
		path, _, _ := strings.Cut(e.RequestURI, "?")
		want := q.op
		if q.method == http.MethodHead { // audit logs have "get" for it
			want = getOf(t, catalog, q.op.Path)
		}
		checkResolved(t, catalog, operation.AskedOf("", path, api), want, q)
	}
}

// nameless leaves out what the API server takes from bodies.
func nameless(api traffic.API) traffic.API {
	api.Name, api.Namespace = "", ""
	return api
}

func auditedAPI(e clustertest.AuditEvent) traffic.API {
	api := traffic.API{Verb: e.Verb}
	if o := e.ObjectRef; o != nil {
		api.Group, api.Version, api.Resource, api.Subresource = o.APIGroup, o.APIVersion, o.Resource, o.Subresource
		api.Namespace, api.Name = o.Namespace, o.Name
	}
	return api
}

func getOf(t *testing.T, catalog *operation.Catalog, path string) operation.Operation {
	t.Helper()
	for _, op := range catalog.Operations() {
		if op.Path == path && op.Method == http.MethodGet {
			return op
		}
	}
	t.Fatalf("%s has no GET", path)
	return operation.Operation{}
}
