package export

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Entry is an element of output.json in the form of dev/e2e-audit-correlate/results/20180605-e2e-kubetest/output.json.gz of
// github.com/kubernetes-sigs/apisnoop, at commit cc09f3ff948b7a1ac491814708546b9eeb341f18, which correlate_timestamps.py beside it
// wrote. It differs in what follows.
//
//   - Requests are the spec's by their attribution, where the original had all that came before the next spec began, also of others.
//   - The lines are the test's whole name and its place in the source, if that is known; the original had the three lines that
//     ginkgo 1 printed: containers, spec and place.
type Entry struct {
	Timestamp string           `json:"timestamp"` // when the spec began, in UTC without a zone: "2018-06-05T03:34:03.723486"
	Endpoints map[string]int64 `json:"endpoints"` // requests by Kubernetes' verb and path: "get /api/v1/namespaces/a/pods/b"
	Lines     []string         `json:"lines"`

	start time.Time
}

// NewEntries makes an entry for each spec that began, in the order of their beginnings, and one for each test that has requests
// and no such spec, from its first request. Requests of a test with several specs are of the one that had begun last. Those without a
// test are in none; untested is their number. It reads all rows of the run.
func NewEntries(r *db.Reader, run db.RunInfo) (entries []Entry, untested int64, err error) {
	_, specs, err := r.Known(run.ID)
	if err != nil {
		return nil, 0, err
	}
	byTest := map[string][]*Entry{}
	for _, s := range slices.SortedStableFunc(slices.Values(specs), func(a, b *traffic.Spec) int { return a.Start.Compare(b.Start) }) {
		if s.Test != "" && !s.Start.IsZero() {
			byTest[s.Test] = append(byTest[s.Test], newEntry(s.Start, s.Test, s.Location))
		}
	}
	err = r.List(db.Filter{Runs: []int64{run.ID}}, func(q *db.Entry) error {
		if q.Test == "" {
			untested++
			return nil
		}
		if byTest[q.Test] == nil {
			byTest[q.Test] = []*Entry{newEntry(q.Start, q.Test, "")}
		}
		latest(byTest[q.Test], q.Start).Endpoints[q.Verb+" "+q.Path]++
		return nil
	})
	entries = []Entry{}
	for _, test := range slices.Sorted(maps.Keys(byTest)) {
		for _, e := range byTest[test] {
			entries = append(entries, *e)
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.start.Compare(b.start) })
	return entries, untested, err
}

func newEntry(start time.Time, lines ...string) *Entry {
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	return &Entry{Timestamp: start.UTC().Format("2006-01-02T15:04:05.000000"), Endpoints: map[string]int64{}, Lines: lines, start: start}
}

// latest is the entry that began last at a time or before it, else the first one.
func latest(entries []*Entry, at time.Time) *Entry {
	of := entries[0]
	for _, e := range entries[1:] {
		if !e.start.After(at) {
			of = e
		}
	}
	return of
}

// WriteText writes entries as convert_output_to_text.py made output.txt of output.json: no line break follows the last line.
func WriteText(w io.Writer, entries []Entry) error {
	var lines []string
	for i := range entries {
		e := &entries[i]
		lines = append(append(lines, "----------------", e.Timestamp), e.Lines...)
		for _, endpoint := range slices.SortedFunc(maps.Keys(e.Endpoints), func(a, b string) int {
			return cmp.Or(cmp.Compare(e.Endpoints[b], e.Endpoints[a]), strings.Compare(a, b))
		}) {
			lines = append(lines, fmt.Sprintf("    %4d: %s", e.Endpoints[endpoint], endpoint))
		}
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n"))
	return err
}

// WriteJSON writes a value with an indent of four, as PostgreSQL's jsonb_pretty does, which APISnoop's files are made with.
func WriteJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "    ")
	return e.Encode(v)
}
