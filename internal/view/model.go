package view

import (
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Model is a run but for its requests.
type Model struct {
	Run       Run        `json:"run"`
	Total     Sums       `json:"total"` // of all requests
	Tests     []Test     `json:"tests"` // most requests first; those without requests last
	Specs     []Spec     `json:"specs"` // by start; those without one last
	Endpoints []Endpoint `json:"endpoints"`
	Uses      Uses       `json:"uses"`
}

// Run is what is known of the run itself. What is not known is null or "".
type Run struct {
	Name          string   `json:"run"`
	Start         string   `json:"start"` // RFC 3339
	End           *string  `json:"end"`
	Duration      *float64 `json:"duration_ms"`
	ExitCode      *int     `json:"exit_code"`
	Lost          *int64   `json:"lost"`
	Requests      int64    `json:"requests"`
	Tests         int64    `json:"tests"`
	Specs         int64    `json:"specs"`
	Server        string   `json:"server"`
	ServerVersion string   `json:"server_version"`
	Context       string   `json:"context"`
	ToolVersion   string   `json:"tool_version"`
	Command       []string `json:"command"`
	Uncertainty   float64  `json:"uncertainty_ms"` // see traffic.Run
}

// Sums are what report counts for a group of requests.
type Sums struct {
	Requests  int64            `json:"requests"`
	Errors4xx int64            `json:"errors_4xx"`
	Errors5xx int64            `json:"errors_5xx"`
	Watches   int64            `json:"watches"`
	Endpoints int64            `json:"endpoints"`
	BytesIn   int64            `json:"bytes_in"`
	BytesOut  int64            `json:"bytes_out"`
	P50       *float64         `json:"p50_ms"` // null without a request whose duration counts, as in the next two
	P99       *float64         `json:"p99_ms"`
	Max       *float64         `json:"max_ms"`
	Sources   map[string]int64 `json:"sources"` // requests by what named their test
}

// Test is a test, or the requests without one.
type Test struct {
	Name string `json:"test"` // "" for requests without a test
	Sums
	// Chunks are the parts of a file that have the test's requests: see internal/web. nil where they are asked for.
	Chunks []int `json:"chunks,omitempty"`
	// Conformance tells whether it is one of Kubernetes' conformance tests, by the lists of the server's minor; see Operations.
	Conformance bool `json:"conformance"`
}

// Spec is one execution of a test, or of a node of the whole suite.
type Spec struct {
	Test     string    `json:"test"` // "" for a node
	Node     string    `json:"node"` // "" for a test
	Outcome  string    `json:"outcome"`
	Worker   string    `json:"worker"`
	Start    *float64  `json:"start_ms"`
	End      *float64  `json:"end_ms"`
	Duration *float64  `json:"duration_ms"`
	Attempts int       `json:"attempts"` // 0: not known
	Labels   []string  `json:"labels"`
	Location string    `json:"location"`
	Told     string    `json:"told"`
	Phases   []PhaseAt `json:"phases"`
}

// PhaseAt says when a phase of a spec began. It lasts to the next one's.
type PhaseAt struct {
	At      float64 `json:"at_ms"`
	Phase   string  `json:"phase"`
	Attempt int     `json:"attempt"`
}

// Endpoint is what requests ask for but for the names of things.
type Endpoint struct {
	Method      string `json:"method"`
	Verb        string `json:"verb"`
	Group       string `json:"group"`
	Version     string `json:"version"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespaced  bool   `json:"namespaced"`
	Named       bool   `json:"named"`
	SubPath     bool   `json:"sub_path"`
	Path        string `json:"path"` // of what is no resource
	LongRunning bool   `json:"long_running"`
	Operation   *int   `json:"operation"` // in Operations.Operations; null if none has it, or none is known
}

// Uses count requests in columns of the same length, ordered by test: row i is Requests[i] requests of Tests[Test[i]] for
// Endpoints[Endpoint[i]] that were answered with Status[i] (0: no answer).
type Uses struct {
	Test     []int   `json:"test"`
	Endpoint []int   `json:"endpoint"`
	Status   []int   `json:"status"`
	Requests []int64 `json:"requests"`
}

func endpointOf(e db.Endpoint) Endpoint {
	api := traffic.API{Verb: e.Verb, Subresource: e.Subresource}
	return Endpoint{
		Method: e.Method, Verb: e.Verb, Group: e.Group, Version: e.Version, Resource: e.Resource, Subresource: e.Subresource,
		Namespaced: e.Namespaced, Named: e.Named, SubPath: e.SubPath, Path: e.Path, LongRunning: api.LongRunning(),
	}
}

// Index numbers endpoints of one run in the order they are first asked for, and keeps the operations that they are of. What is built with
// one index has the same numbers.
type Index struct {
	numbers map[db.Endpoint]int
	all     []Endpoint
	judged  judged
}

// NewIndex returns an empty one.
func NewIndex() *Index { return &Index{numbers: map[db.Endpoint]int{}} }

func (x *Index) number(e db.Endpoint) int {
	n, known := x.numbers[e]
	if !known {
		n = len(x.all)
		x.numbers[e], x.all = n, append(x.all, endpointOf(e))
	}
	return n
}

// millis is a duration in milliseconds, good to a microsecond.
func millis(d time.Duration) float64 { return float64(d.Round(time.Microsecond).Microseconds()) / 1000 }

// since is the time from a run's start to t; nil if t is not known.
func since(start, t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	ms := millis(t.Sub(start))
	return &ms
}
