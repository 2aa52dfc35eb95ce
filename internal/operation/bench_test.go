package operation

import "testing"

var benchmarks = []struct{ name, method, uri string }{
	{"list", "GET", "/api/v1/namespaces/a/pods"},
	{"watch", "GET", "/api/v1/namespaces/a/pods?watch=1&fieldSelector=metadata.name%3Dx"},
	{"watch of list", "GET", "/api/v1/componentstatuses?watch=1"},
	{"proxy with path", "GET", "/api/v1/namespaces/a/pods/x/proxy/metrics/b/c"},
	{"discovery", "GET", "/apis/apps/v1"},
	{"logs", "GET", "/logs/a/b"},
	{"none", "GET", "/healthz/etcd"},
}

func TestResolveDoesNotAllocate(t *testing.T) {
	c := swagger(t)
	for _, b := range benchmarks {
		for _, method := range []string{b.method, ""} {
			a := asked(b.method, b.uri)
			a.Method = method
			if n := testing.AllocsPerRun(100, func() { c.Resolve(a) }); n != 0 {
				t.Errorf("%s, method %q: %v allocations, want none", b.name, method, n)
			}
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	c := swagger(b)
	for _, bench := range benchmarks {
		a := asked(bench.method, bench.uri)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Resolve(a)
			}
		})
	}
}
