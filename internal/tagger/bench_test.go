package tagger

import (
	"fmt"
	"testing"

	"e2etap/internal/traffic"
)

// BenchmarkAttribute is what the proxy does for each request while a run goes on: attribute it and learn from it. The
// run has four workers with 500 specs each behind them, and kubectl under them.
func BenchmarkAttribute(b *testing.B) {
	t, err := New("")
	if err != nil {
		b.Fatal(err)
	}
	root := &traffic.Process{ID: 1, Root: true, Executable: "/bin/ginkgo", Command: []string{"ginkgo", "--procs=4"}}
	var workers, children []*traffic.Process
	for i := range int64(4) {
		w := &traffic.Process{
			ID: 2 + i, Parent: root, Executable: "/bin/e2e.test", Command: []string{"e2e.test", fmt.Sprint("--ginkgo.parallel.process=", i+1)},
		}
		workers = append(workers, w)
		children = append(children, &traffic.Process{ID: 10 + i, Parent: w, Start: at(5000), Executable: "/bin/kubectl", Command: []string{"kubectl"}})
	}
	const specs = 500
	name := func(i int) string {
		return fmt.Sprintf("[sig-api-machinery] ResourceQuota should do what test %d wants of it [Conformance]", i)
	}
	for i := range specs * len(workers) {
		w := workers[i%len(workers)]
		t.Learn(request(float64(i), agent+" -- "+name(i), "get", fmt.Sprint("ns-", i)), w)
	}
	last := specs*len(workers) - 1
	for _, bb := range []struct {
		name string
		q    *traffic.Request
		p    *traffic.Process
	}{
		{"named", request(6000, agent+" -- "+name(last), "get", fmt.Sprint("ns-", last)), workers[last%len(workers)]},
		{"kubectl", request(6000, "kubectl/v1.37.2 (linux/amd64) kubernetes/abc", "get", fmt.Sprint("ns-", last)), children[0]},
		{"suite", request(6000, agent, "list", ""), workers[0]},
		{"unknown", request(6000, "curl/8", "list", ""), nil},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t.Attribute(bb.q, bb.p)
				t.Learn(bb.q, bb.p)
			}
		})
	}
}
