package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/openapi"
	"k8s.io/client-go/rest"

	"e2etap/internal/operation"
)

const (
	docV2 = `{"swagger":"2.0","paths":{"/version/":{"get":{"operationId":"fromV2"}}}}`
	docV3 = `{"openapi":"3.0.0","paths":{"/%s/":{"get":{"operationId":"of %[1]s"}}}}`
)

// fakeServer serves documents at paths, and 404 elsewhere.
func fakeServer(t *testing.T, handlers map[string]http.HandlerFunc) *discovery.DiscoveryClient {
	t.Helper()
	mux := http.NewServeMux()
	for path, handler := range handlers {
		mux.HandleFunc(path, handler)
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return discovery.NewDiscoveryClientForConfigOrDie(&rest.Config{Host: s.URL, QPS: -1})
}

func says(document string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, document)
	}
}

func fails(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "it is down", http.StatusServiceUnavailable)
}

// index is that of /openapi/v3, of documents of these names.
func index(names ...string) http.HandlerFunc {
	var entries []string
	for _, name := range names {
		entries = append(entries, fmt.Sprintf(`%q:{"serverRelativeURL":"/openapi/v3/%[1]s?hash=1"}`, name))
	}
	return says(`{"paths":{` + strings.Join(entries, ",") + `}}`)
}

func ids(ops []operation.Operation) []string {
	var list []string
	for _, op := range ops {
		list = append(list, op.ID)
	}
	slices.Sort(list)
	return list
}

func TestFromServerReadsTheDocumentOfEachGroupVersion(t *testing.T) {
	c := fakeServer(t, map[string]http.HandlerFunc{
		"/openapi/v3":              index("version", "apis/apps/v1"),
		"/openapi/v3/version":      says(fmt.Sprintf(docV3, "version")),
		"/openapi/v3/apis/apps/v1": says(fmt.Sprintf(docV3, "apis/apps/v1")),
		"/openapi/v2":              says(docV2),
	})
	ops, err := FromServer(t.Context(), c)
	if d := cmp.Diff([]string{"of apis/apps/v1", "of version"}, ids(ops)); d != "" || err != nil {
		t.Errorf("error %v, operations (-want +got):\n%s", err, d)
	}
}

func TestFromServerFallsBackToVersion2(t *testing.T) {
	c := fakeServer(t, map[string]http.HandlerFunc{"/openapi/v2": says(docV2)})
	ops, err := FromServer(t.Context(), c)
	if d := cmp.Diff([]string{"fromV2"}, ids(ops)); d != "" || err != nil {
		t.Errorf("error %v, operations (-want +got):\n%s", err, d)
	}
}

func TestFromServerKeepsTheOthersOfAFailingGroupVersion(t *testing.T) {
	c := fakeServer(t, map[string]http.HandlerFunc{
		"/openapi/v3":                          index("version", "apis/metrics.k8s.io/v1", "apis/broken.io/v1"),
		"/openapi/v3/version":                  says(fmt.Sprintf(docV3, "version")),
		"/openapi/v3/apis/metrics.k8s.io/v1":   fails,
		"/openapi/v3/apis/broken.io/v1":        says("<html>"),
		"/openapi/v3/apis/not-in-the-index/v1": says(fmt.Sprintf(docV3, "other")),
	})
	ops, err := FromServer(t.Context(), c)
	if d := cmp.Diff([]string{"of version"}, ids(ops)); d != "" {
		t.Errorf("operations (-want +got):\n%s", d)
	}
	var missing *Missing
	if !errors.As(err, &missing) || len(missing.Documents) != 2 {
		t.Fatalf("error %v, want the two missing documents", err)
	}
	for i, want := range []string{"/openapi/v3/apis/broken.io/v1", "/openapi/v3/apis/metrics.k8s.io/v1"} {
		if got := missing.Documents[i].Error(); !strings.Contains(got, want) {
			t.Errorf("error %q does not name %s", got, want)
		}
	}
}

func TestFromServerFailsIfNothingCanBeHad(t *testing.T) {
	for name, c := range map[string]*discovery.DiscoveryClient{
		"neither version": fakeServer(t, nil),
		"no document": fakeServer(t, map[string]http.HandlerFunc{
			"/openapi/v3": index("version"), "/openapi/v3/version": fails,
		}),
	} {
		ops, err := FromServer(t.Context(), c)
		var missing *Missing
		if err == nil || ops != nil || errors.As(err, &missing) {
			t.Errorf("%s: operations %v, error %v, want an error alone", name, ops, err)
		}
	}
}

func TestFromServerEndsWithItsContext(t *testing.T) {
	var askedV2 atomic.Bool
	c := fakeServer(t, map[string]http.HandlerFunc{
		"/openapi/v3": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"/openapi/v2": func(http.ResponseWriter, *http.Request) { askedV2.Store(true) },
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := FromServer(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that of the deadline", err)
	}
	if askedV2.Load() {
		t.Error("asked for version 2 after the deadline")
	}
}

// A document counts how many of its kind are on their way at once.
type document struct{ now, most *atomic.Int32 }

func (d document) ServerRelativeURL() string { return "" }

func (d document) SchemaWithContext(context.Context, string) ([]byte, error) {
	n := d.now.Add(1)
	defer d.now.Add(-1)
	for old := d.most.Load(); n > old && !d.most.CompareAndSwap(old, n); old = d.most.Load() {
	}
	time.Sleep(time.Second) // of synctest: until no goroutine can go on
	return []byte(docV2), nil
}

func TestFromServerFetchesFourAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		documents := map[string]openapi.GroupVersionWithContext{}
		for i := range 3 * atOnce {
			documents[fmt.Sprint(i)] = document{&now, &most}
		}
		_, err := fromV3(t.Context(), documents)
		if err != nil || most.Load() != atOnce {
			t.Errorf("%d at once (%v), want %d", most.Load(), err, atOnce)
		}
	})
}

func TestFromGroupVersionReadsOneDocument(t *testing.T) {
	c := fakeServer(t, map[string]http.HandlerFunc{
		"/openapi/v3":              fails,
		"/openapi/v3/apis/apps/v1": says(fmt.Sprintf(docV3, "apis/apps/v1")),
		"/openapi/v3/api/v1":       says(fmt.Sprintf(docV3, "api/v1")),
	})
	for _, test := range []struct{ group, want string }{{"apps", "of apis/apps/v1"}, {"", "of api/v1"}} {
		ops, err := FromGroupVersion(t.Context(), c, test.group, "v1")
		if d := cmp.Diff([]string{test.want}, ids(ops)); d != "" || err != nil {
			t.Errorf("group %q: error %v, operations (-want +got):\n%s", test.group, err, d)
		}
	}
	if ops, err := FromGroupVersion(t.Context(), c, "apps", "v2"); err == nil || !strings.Contains(err.Error(), "/openapi/v3/apis/apps/v2") {
		t.Errorf("%v, %v, want an error that names the document", ops, err)
	}
}
