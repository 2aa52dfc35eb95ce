package webhook

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const token = "secret"

// kept is what a Handler has appended and failed with.
type kept struct {
	lines  string
	failed []error
	err    error // of every append
}

func (k *kept) handler() *Handler {
	return NewHandler(Config{
		Token: token,
		Append: func(lines []byte) error {
			if k.err == nil {
				k.lines += string(lines)
			}
			return k.err
		},
		Failed: func(err error) { k.failed = append(k.failed, err) },
	})
}

// batch is a request as an API server sends it.
func batch(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return r
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func list(items string) string {
	return `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[` + items + `]}`
}

func TestEventsAreKeptAsTheyWereSentButForObjects(t *testing.T) {
	var k kept
	h := k.handler()
	w := send(h, batch(list(`{"level":"Request", "auditID":"a","requestURI":"/x?a=1\u0026b=2","requestObject":{"data":{"password":"hidden"}},
		"responseObject":["hidden"],"annotations":{"k":"v\n"},"new":[1.0,  1e3,null],"requestobject":"hidden"},
		{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"b"}`)))
	want := `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","requestURI":"/x?a=1\u0026b=2",` +
		`"annotations":{"k":"v\n"},"new":[1.0,1e3,null]}` + "\n" + `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"b"}` + "\n"
	if d := cmp.Diff(want, k.lines); d != "" || w.Code != http.StatusOK {
		t.Errorf("status %d, -want +got\n%s", w.Code, d)
	}
	if events, batches := h.Kept(); events != 2 || batches != 1 {
		t.Errorf("%d events in %d batches, want 2 in 1", events, batches)
	}
}

func TestAPackedBatchIsUnpacked(t *testing.T) {
	var k kept
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, list(`{"auditID":"a"}`))
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	r := batch(b.String())
	r.Header.Set("Content-Encoding", "gzip")
	if w := send(k.handler(), r); w.Code != http.StatusOK || !strings.Contains(k.lines, `"auditID":"a"`) {
		t.Errorf("status %d, kept %q", w.Code, k.lines)
	}
}

func TestABatchWithoutEventsWritesNothing(t *testing.T) {
	k := kept{err: errors.New("must not be called")}
	for _, items := range []string{list(""), `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":null}`} {
		if w := send(k.handler(), batch(items)); w.Code != http.StatusOK {
			t.Errorf("%s: status %d: %s", items, w.Code, w.Body)
		}
	}
}

func TestWhatIsNoBatchIsRefused(t *testing.T) {
	zeros := func() io.Reader { return io.LimitReader(zero{}, MaxBody+1) }
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.Copy(z, zeros()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	with := func(r *http.Request, header, value string) *http.Request {
		r.Header.Set(header, value)
		return r
	}
	body := func(b io.Reader) *http.Request {
		r := batch("")
		r.Body = io.NopCloser(b)
		return r
	}
	method := func(m string) *http.Request {
		r := batch(list(""))
		r.Method = m
		return r
	}
	for name, c := range map[string]struct {
		request *http.Request
		status  int
		says    string
	}{
		"no token":         {with(batch(list("")), "Authorization", ""), 401, "token"},
		"a wrong token":    {with(batch(list("")), "Authorization", "Bearer secre"), 401, "token"},
		"another scheme":   {with(batch(list("")), "Authorization", "Basic "+token), 401, "token"},
		"no scheme":        {with(batch(list("")), "Authorization", token), 401, "token"},
		"GET":              {method("GET"), 405, "want POST"},
		"PUT":              {method("PUT"), 405, "want POST"},
		"another type":     {with(batch(list("")), "Content-Type", "application/yaml"), 415, "want application/json"},
		"another coding":   {with(batch(list("")), "Content-Encoding", "br"), 415, "want gzip"},
		"not packed":       {with(batch(list("")), "Content-Encoding", "gzip"), 400, "read body"},
		"too large":        {body(zeros()), 413, "more than 67108864 bytes"},
		"unpacked too big": {with(batch(packed.String()), "Content-Encoding", "gzip"), 413, "more than 67108864 bytes"},
		"no JSON":          {batch("nonsense"), 400, "parse batch"},
		"cut":              {batch(list("")[:20]), 400, "parse batch"},
		"two values":       {batch(list("") + list("")), 400, "parse batch"},
		"another kind":     {batch(`{"kind":"Event","apiVersion":"audit.k8s.io/v1"}`), 400, "want EventList"},
		"another version":  {batch(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1beta1"}`), 400, "want EventList of audit.k8s.io/v1"},
		"no event":         {batch(list(`{"auditID":"a"},7`)), 400, "item 1"},
	} {
		var k kept
		h := k.handler()
		w := send(h, c.request)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: status %d, %q; want %d and %q", name, w.Code, w.Body, c.status, c.says)
		}
		if events, batches := h.Kept(); events+batches != 0 || k.lines != "" || k.failed != nil {
			t.Errorf("%s: kept %q, failed %v", name, k.lines, k.failed)
		}
	}
}

// zero reads as zeros without an end.
type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestABatchThatCannotBeKeptIsToBeSentAgain(t *testing.T) {
	full := errors.New("disk full")
	k := kept{err: full}
	h := k.handler()
	w := send(h, batch(list(`{"auditID":"a"}`)))
	if w.Code != http.StatusInternalServerError || len(k.failed) != 1 || !errors.Is(k.failed[0], full) {
		t.Errorf("status %d, failed %v; want 500 and %v", w.Code, k.failed, full)
	}
	if events, _ := h.Kept(); events != 0 {
		t.Errorf("%d events are counted", events)
	}
}
