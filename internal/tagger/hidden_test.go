package tagger

import (
	"strings"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

// said is a request of a process at a second, which names a test in its User-Agent.
type said struct {
	at, process int
	test        string
	namespace   string // "new": it creates one; "new=x": and a log tells that this is x; "x=o": a log tells that it created o there
}

// scene is what a Tagger of a whole run was told.
type scene struct {
	tagger    *Tagger
	processes map[int]*traffic.Process
}

func (s said) request() *traffic.Request {
	q := &traffic.Request{Start: second(s.at), Client: traffic.Client{UserAgent: "e2e.test/v1 -- " + s.test}}
	q.API = traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: s.namespace}
	namespace, created, _ := strings.Cut(s.namespace, "=")
	switch {
	case namespace == "new":
		q.API = traffic.API{Verb: "create", Version: "v1", Resource: "namespaces"}
	case created != "":
		q.API.Verb, q.API.Namespace, q.API.Name = "update", namespace, created
	}
	return q
}

// creates is what a log tells of the object that a request created.
func (s said) creates() traffic.API {
	api := s.request().API
	_, api.Name, _ = strings.Cut(s.namespace, "=")
	return api
}

func second(n int) time.Time { return time.Date(2026, 3, 1, 12, 0, n, 0, time.UTC) }

// play tells a Tagger of specs, as output tells them, and of requests. Process 2 is a child of 1.
func play(t *testing.T, specs []traffic.Spec, all ...said) scene {
	t.Helper()
	tagger, err := New("")
	if err != nil {
		t.Fatal(err)
	}
	one := &traffic.Process{ID: 1, Root: true, Command: []string{"e2e.test"}}
	s := scene{tagger, map[int]*traffic.Process{
		1: one,
		2: {ID: 2, Parent: one, Start: second(3), Command: []string{"kubectl"}},
		3: {ID: 3, Parent: one, Command: []string{"other"}},
	}}
	for i := range specs {
		tagger.Spec(&specs[i])
	}
	for _, r := range all {
		tagger.Learn(r.request(), s.processes[r.process])
	}
	tagger.Seal()
	for _, r := range all {
		api := r.creates()
		tagger.Created(&api, r.test, second(r.at))
	}
	return s
}

func printed(test string, from, to int) traffic.Spec {
	return traffic.Spec{Test: test, Told: traffic.ToldOutput, Start: second(from), End: second(to)}
}

// What a request taught by its name must not answer when its name is hidden: the answer is the one without the request.
func TestHiddenRequestsTeachNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		specs  []traffic.Spec
		all    []said
		hidden int // which
		source traffic.Source
		want   string
	}{
		"between two others of its spec": {
			all:    []said{{1, 1, "a", ""}, {2, 1, "a", ""}, {3, 1, "a", ""}},
			hidden: 1, source: traffic.SourceProcess, want: "a",
		},
		"first of its spec": {
			all:    []said{{1, 1, "a", ""}, {2, 1, "a", ""}, {3, 1, "b", ""}, {4, 1, "b", ""}},
			hidden: 2, source: traffic.SourceProcess, want: "",
		},
		"last of its spec": {
			all:    []said{{1, 1, "a", ""}, {2, 1, "a", ""}, {3, 1, "b", ""}},
			hidden: 1, source: traffic.SourceProcess, want: "",
		},
		"first of its spec, and the one before still goes on": {
			all:    []said{{1, 1, "a", ""}, {2, 1, "b", ""}, {3, 1, "a", ""}, {4, 1, "b", ""}},
			hidden: 1, source: traffic.SourceProcess, want: "a",
		},
		"only one of its spec, amid another": {
			all:    []said{{1, 1, "a", ""}, {2, 1, "b", ""}, {3, 1, "a", ""}},
			hidden: 1, source: traffic.SourceProcess, want: "a",
		},
		"first of its spec, and the one before comes late, after its second": {
			all:    []said{{1, 1, "a", ""}, {2, 1, "b", ""}, {3, 1, "b", ""}, {4, 1, "a", ""}},
			hidden: 1, source: traffic.SourceProcess, want: "",
		},
		"late of an earlier spec": {
			all:    []said{{1, 1, "a", ""}, {2, 1, "b", ""}, {3, 1, "a", ""}, {4, 1, "b", ""}},
			hidden: 2, source: traffic.SourceProcess, want: "b",
		},
		"only one that the process sent: it is a child like others": {
			all:    []said{{1, 1, "a", ""}, {4, 2, "b", ""}, {5, 1, "a", ""}},
			hidden: 1, source: traffic.SourceProcess, want: "a",
		},
		"only one by which the output's process is known: not by process": {
			specs:  []traffic.Spec{printed("a", 1, 9)},
			all:    []said{{3, 1, "a", ""}},
			hidden: 0, source: traffic.SourceProcess, want: "",
		},
		"only one that fits the output, of several that the process sent": {
			specs:  []traffic.Spec{printed("a", 1, 3)},
			all:    []said{{2, 1, "a", ""}, {5, 1, "b", ""}, {6, 1, "b", ""}},
			hidden: 0, source: traffic.SourceProcess, want: "",
		},
		"one of two by which the output's process is known": {
			specs:  []traffic.Spec{printed("a", 1, 9)},
			all:    []said{{3, 1, "a", ""}, {4, 1, "a", ""}},
			hidden: 0, source: traffic.SourceProcess, want: "a",
		},
		"only one by which its process is known for the output's, beside another": {
			specs:  []traffic.Spec{printed("a", 1, 9)},
			all:    []said{{3, 1, "b", ""}, {3, 2, "a", ""}, {4, 3, "a", ""}, {5, 3, "a", ""}},
			hidden: 1, source: traffic.SourceOutput, want: "",
		},
		"only one by which any process is known for the output's": {
			specs:  []traffic.Spec{printed("a", 1, 9)},
			all:    []said{{3, 1, "a", ""}},
			hidden: 0, source: traffic.SourceOutput, want: "a",
		},
		"only one in its test's namespace": {
			all:    []said{{1, 1, "a", "new"}, {2, 1, "a", "ns"}},
			hidden: 1, source: traffic.SourceNamespace, want: "",
		},
		"first in its test's namespace": {
			all:    []said{{1, 1, "a", "new"}, {2, 1, "a", "ns"}, {3, 1, "a", "ns"}},
			hidden: 1, source: traffic.SourceNamespace, want: "",
		},
		"second in its test's namespace": {
			all:    []said{{1, 1, "a", "new"}, {2, 1, "a", "ns"}, {3, 1, "a", "ns"}},
			hidden: 2, source: traffic.SourceNamespace, want: "a",
		},
		"first in another's namespace": {
			all:    []said{{1, 1, "a", "new"}, {2, 1, "b", "ns"}, {3, 1, "a", "ns"}},
			hidden: 1, source: traffic.SourceNamespace, want: "a",
		},
		"only one of its test in another's namespace": {
			all:    []said{{1, 1, "a", "new"}, {2, 1, "a", "ns"}, {3, 1, "b", "ns"}},
			hidden: 2, source: traffic.SourceNamespace, want: "a",
		},
		"one of two of its test in another's namespace": {
			all:    []said{{1, 1, "a", "new"}, {2, 1, "a", "ns"}, {3, 1, "b", "ns"}, {4, 1, "b", "ns"}},
			hidden: 2, source: traffic.SourceNamespace, want: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t, tt.specs, tt.all...)
			r := tt.all[tt.hidden]
			v := s.tagger.Votes(r.request(), s.processes[r.process], true)
			if got := v.Of(tt.source); got != tt.want {
				t.Errorf("%v says %q, want %q", tt.source, got, tt.want)
			}
		})
	}
}

// Whatever requests come, an answer with the name hidden is no better than the one of a Tagger that was never told of the
// request: right only if that is right, and wrong if that is wrong.
func FuzzHiddenIsNoBetterThanUntold(f *testing.F) {
	f.Add([]byte{0x11, 0x12, 0x21, 0x11, 0x21})
	f.Add([]byte{0x11, 0x19, 0x51, 0x19, 0x59, 0x11})
	f.Add([]byte("0BP\x05"))                      // a child between two specs, in a namespace that only it shows to be the test's
	f.Add([]byte("\x08\x04\x18\x14\x0c\x1c\x0c")) // namespaces and objects that a log tells of, created more than once
	f.Fuzz(func(t *testing.T, script []byte) {
		var all []said
		for i, b := range script[:min(len(script), 50)] {
			all = append(all, said{
				at: i + 1, process: 1 + int(b&1), test: string(rune('a' + b>>4&3)),
				namespace: []string{"", "new", "x", "y", "new=x", "new=y", "x=o", "y=o"}[b>>1&7],
			})
		}
		specs := []traffic.Spec{printed("a", 2, 5), printed("b", 5, 9), printed("c", 9, 20), printed("a", 21, 40)}
		whole := play(t, specs, all...)
		for i, r := range all {
			rest := append(append([]said{}, all[:i]...), all[i+1:]...)
			without := play(t, specs, rest...)
			q := r.request()
			hidden := whole.tagger.Votes(q, whole.processes[r.process], true)
			q.Client.UserAgent = "" // names nothing
			untold := without.tagger.Votes(q, without.processes[r.process], false)
			for _, source := range []traffic.Source{traffic.SourceProcess, traffic.SourceNamespace, traffic.SourceObject, traffic.SourceOutput} {
				got, want := hidden.Of(source), untold.Of(source)
				if got == r.test && want != r.test || want != "" && want != r.test && got != want {
					t.Errorf("%v: request %d of %s: %v says %q, untold %q", all, i, r.test, source, got, want)
				}
			}
		}
	})
}
