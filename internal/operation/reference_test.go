package operation

import (
	"strings"
	"testing"

	"e2etap/internal/apirequest"
)

// routed finds an operation as the apiserver's router does: by the segments of the path, literal ones before parameters. It
// is slow, needs the path, and is the reference for Resolve.
func routed(ops []Operation, method, path string) string {
	best, literals := "", -1
	got := segments(path)
	for _, op := range ops {
		want := segments(op.Path)
		n, ok := fits(want, got)
		if ok && op.Method == method && n > literals {
			best, literals = op.ID, n
		}
	}
	return best
}

// fits tells whether segments are of a template, and how many of them are literal.
func fits(want, got []string) (literals int, ok bool) {
	last := want[len(want)-1]
	wild := last == "{path}" || last == "{logpath}"
	if len(got) < len(want) || len(got) > len(want) && !wild {
		return 0, false
	}
	for i, w := range want {
		switch {
		case w == got[i]:
			literals++
		case !isParameter(w), got[i] == "" && (!wild || i < len(want)-1):
			return 0, false
		}
	}
	return literals, true
}

func FuzzResolveIsTheRouters(f *testing.F) {
	c := swagger(f)
	ops := c.Operations()
	for _, r := range requests {
		path, _, _ := strings.Cut(r.uri, "?")
		f.Add(r.method, path)
	}
	f.Add("GET", "/logs//0")
	f.Fuzz(func(t *testing.T, method, path string) {
		if method == "" || !strings.HasPrefix(path, "/") || strings.Contains(path, "%") {
			return // no request, or one in whose path AskedOf finds an escape
		}
		api, _ := apirequest.Parse(method, path, "")
		op, watchOfList := c.Resolve(AskedOf(method, path, api))
		want := routed(ops, method, path)
		if strings.HasPrefix(path, "//") {
			want = "" // answered with 404 before any route is looked for
		}
		if method == methodHead && want == "" && answersHead(strings.TrimRight(path, "/")) {
			want = routed(ops, methodGet, path)
		}
		if idOf(op) != want || watchOfList {
			t.Errorf("%s %q is %q (watch of list: %v), want %q", method, path, idOf(op), watchOfList, want)
		}
	})
}
