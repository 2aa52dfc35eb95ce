package replay

import (
	"slices"
	"sort"
	"time"

	"e2etap/internal/traffic"
)

// window attributes requests as one does who knows no more than when specs began: to the one that began last.
type window struct {
	begins []begin
	told   bool // by something else than requests
}

type begin struct {
	at   time.Time
	test string
}

// newWindow takes the starts that specs have; if none has any, the first request of each test.
func newWindow(specs []*traffic.Spec, firsts map[string]time.Time) *window {
	var w window
	for _, s := range specs {
		if s.Test != "" && !s.Start.IsZero() {
			w.begins, w.told = append(w.begins, begin{s.Start, s.Test}), true
		}
	}
	if !w.told {
		for test, at := range firsts {
			w.begins = append(w.begins, begin{at, test})
		}
	}
	slices.SortFunc(w.begins, func(a, b begin) int { return a.at.Compare(b.at) })
	return &w
}

// test returns the test that began last before a request, "" if there is none or it is the request, which names test is, that
// tells of the beginning.
func (w *window) test(q *traffic.Request, is string) string {
	i := sort.Search(len(w.begins), func(i int) bool { return w.begins[i].at.After(q.Start) }) - 1
	if i < 0 {
		return ""
	}
	b := w.begins[i]
	if !w.told && b.test == is && b.at.Equal(q.Start) {
		return ""
	}
	return b.test
}
