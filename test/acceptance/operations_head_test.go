package acceptance

import (
	"net/http"
	"strings"
	"testing"

	"e2etap/internal/clustertest"
	"e2etap/internal/operation"
)

// A HEAD is the operation of the GET exactly where the API server answers it so.
func TestHeadIsTheOperationOfGetWhereItIsAnswered(t *testing.T) {
	c := clustertest.Start(t)
	catalog := served(t, c)
	questions := headsOf(catalog, throwaway(t, c))
	sendAll(t, c, questions)
	answered := 0
	for _, q := range questions {
		want := ""
		if q.status != http.StatusMethodNotAllowed {
			want = q.op.ID
			answered++
		}
		got := ""
		if op, _ := catalog.Resolve(q.asked()); op != nil {
			got = op.ID
		}
		if got != want {
			t.Errorf("%s, answered with %d, is %q, want %q", q, q.status, got, want)
		}
	}
	if answered == 0 || answered == len(questions) {
		t.Errorf("%d of %d HEADs were answered, want some and not all", answered, len(questions))
	}
	t.Logf("%d of %d HEADs are answered as GET is", answered, len(questions))
}

// headsOf returns a HEAD for each operation of GET that has no HEAD of its own. Custom resources answer it as well, which
// the package operation does not say, because their documents do not.
func headsOf(catalog *operation.Catalog, namespace string) []*question {
	fill := strings.NewReplacer("{namespace}", namespace, "{name}", "e2etap-none", "{path}", "a/b")
	gets, heads := map[string]operation.Operation{}, map[string]bool{}
	for _, op := range kubernetesOwn(catalog) {
		switch op.Method {
		case http.MethodGet:
			gets[op.Path] = op
		case http.MethodHead:
			heads[op.Path] = true
		}
	}
	var questions []*question
	for path, op := range gets {
		if !heads[path] {
			questions = append(questions, &question{op: op, method: http.MethodHead, path: fill.Replace(path)})
		}
	}
	return questions
}
