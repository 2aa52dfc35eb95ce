package view

import (
	"net/url"
	"strconv"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

const (
	// MaxLive is how many requests a Live has at most.
	MaxLive = 500

	// maxLook is how many new rows are looked at: what a busy proxy gets in some seconds.
	maxLook = 5000

	// lately is how long ago a test's last request may be for it to be said to send some.
	lately = 10 * time.Second
)

// LiveQuery chooses what is new in a run. Zero fields choose all.
type LiveQuery struct {
	After    int64   // Live.Last of the answer before; 0: only the newest
	Limit    int     // up to MaxLive; 0: numbers only
	Test     string  // as report's --test has it (db.MatchNames); "none" for requests without one
	Verb     string  // "list"
	Resource string  // as RBAC writes it: "pods", "pods/exec"
	Status   string  // "404", "4xx", or "none" for requests without an answer
	Client   string  // the program in the User-Agent
	Open     []int64 // requests that were open: Live.Ended tells of those that are not any more
}

// Live is how far a run has come, and what is new.
type Live struct {
	Requests   int64     `json:"requests"` // of the run, as the next five
	Errors4xx  int64     `json:"errors_4xx"`
	Errors5xx  int64     `json:"errors_5xx"`
	Watches    int64     `json:"watches"`
	Specs      int64     `json:"specs"` // executions of tests
	SpecsEnded int64     `json:"specs_ended"`
	Now        float64   `json:"now_ms"`  // the server's clock, since the run's start
	Ended      bool      `json:"ended"`   // the run has
	Running    []Running `json:"running"` // oldest first
	Sending    []Sending `json:"sending"` // latest first: parallel processes of ginkgo do not tell what runs until it has ended
	Last       int64     `json:"last"`
	Seen       int64     `json:"seen"`    // new requests, whether chosen or not
	Skipped    int64     `json:"skipped"` // of these, chosen ones that are not in Rows, and all that were too many to be looked at
	Rows       []LiveRow `json:"rows"`    // newest first; the next answer may have some of them again
	Closed     []LiveRow `json:"closed"`  // of LiveQuery.Open
}

// Running is a spec that has begun and not ended.
type Running struct {
	Test   string  `json:"test"`
	Node   string  `json:"node"` // of the whole suite
	Worker string  `json:"worker"`
	Start  float64 `json:"start_ms"`
}

// Sending is a test that sent requests in the last ten seconds.
type Sending struct {
	Test string  `json:"test"`
	Last float64 `json:"last_ms"` // start of its last request
}

// LiveRow is a request.
type LiveRow struct {
	ID        int64   `json:"id"`
	Start     float64 `json:"start_ms"`
	Duration  float64 `json:"duration_ms"`
	Open      bool    `json:"open"`
	Method    string  `json:"method"`
	Verb      string  `json:"verb"`
	Path      string  `json:"path"`  // as it was sent, escaped
	Query     string  `json:"query"` // what is recorded of it, escaped: selectors and the like, never a token or exec's command
	Group     string  `json:"group"`
	Version   string  `json:"version"`
	Resource  string  `json:"resource"` // as RBAC writes it
	Namespace string  `json:"namespace"`
	Name      string  `json:"name"`
	Status    int     `json:"status"` // 0: no answer, or not yet
	Outcome   string  `json:"outcome"`
	Error     string  `json:"error"`
	Test      string  `json:"test"`
	Source    string  `json:"source"`
	Why       string  `json:"why"`
	Phase     string  `json:"phase"`
	Client    string  `json:"client"`  // the program in the User-Agent
	Command   string  `json:"command"` // kubectl's own word for what it does: "kubectl get"
}

// LoadLive reads what is new in a run. Its price is that of what is new, within bounds.
func LoadLive(r *db.Reader, info db.RunInfo, q LiveQuery) (*Live, error) {
	p, err := r.Progress(info.ID)
	if err != nil {
		return nil, err
	}
	filter, err := q.filter(r, info.ID)
	if err != nil {
		return nil, err
	}
	n, err := r.Newest(db.NewestQuery{Filter: filter, After: q.After, Look: maxLook, Limit: int64(min(q.Limit, MaxLive)), Open: q.Open})
	if err != nil {
		return nil, err
	}
	live := &Live{
		Requests: p.Requests, Errors4xx: p.Errors4xx, Errors5xx: p.Errors5xx, Watches: p.Watches, Specs: p.Specs, SpecsEnded: p.SpecsEnded,
		Now: millis(time.Since(info.Start)), Ended: !info.End.IsZero(), Running: []Running{}, Sending: []Sending{},
		Last: n.Last, Seen: n.Seen, Skipped: n.Skipped, Rows: liveRows(info.Start, n.Rows), Closed: liveRows(info.Start, n.Ended),
	}
	if live.Ended {
		return live, nil
	}
	for _, s := range p.Running {
		live.Running = append(live.Running, Running{s.Test, s.Node, s.Worker, millis(s.Start.Sub(info.Start))})
	}
	senders, err := r.Senders(info.ID, time.Now().Add(-lately), maxLook)
	for _, s := range senders {
		live.Sending = append(live.Sending, Sending{s.Test, millis(s.Last.Sub(info.Start))})
	}
	return live, err
}

func (q *LiveQuery) filter(r *db.Reader, run int64) (f db.Filter, err error) {
	f = db.Filter{Runs: []int64{run}, Verb: q.Verb, Resource: q.Resource, Status: q.Status, Client: q.Client}
	if q.Status == "none" {
		f.Status = "0"
	}
	switch q.Test {
	case "":
	case "none":
		f.Tests = []string{""}
	default:
		f.Tests, err = r.MatchTests(q.Test, f.Runs)
		f.Tests = append([]string{}, f.Tests...) // nil would choose all
	}
	return f, err
}

// Check says what is wrong with a query.
func (q *LiveQuery) Check() error {
	if q.Status == "none" {
		return nil
	}
	_, _, err := db.ParseStatus(q.Status)
	return err
}

func liveRows(start time.Time, all []db.Recent) []LiveRow {
	rows := make([]LiveRow, 0, len(all))
	for i := range all {
		rows = append(rows, liveRowOf(start, &all[i]))
	}
	return rows
}

func liveRowOf(start time.Time, q *db.Recent) LiveRow {
	resource := q.Resource
	if q.Subresource != "" {
		resource += "/" + q.Subresource
	}
	return LiveRow{
		ID: q.ID, Start: millis(q.Start.Sub(start)), Duration: millis(q.Duration), Open: q.Outcome == traffic.Open,
		Method: q.Method, Verb: q.Verb, Path: q.Path, Query: queryText(&q.Query), Group: q.Group, Version: q.Version, Resource: resource,
		Namespace: q.Namespace, Name: q.Name, Status: q.Status, Outcome: q.Outcome.String(), Error: q.Error,
		Test: q.Test, Source: q.Source.String(), Why: q.Why.String(), Phase: q.Phase.String(), Client: q.Client, Command: q.KubectlCommand,
	}
}

// queryText writes what is recorded of a query as it can be sent again.
func queryText(q *traffic.Query) string {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	if q.Watch {
		v.Set("watch", "true")
	}
	if q.Limit != 0 {
		v.Set("limit", strconv.FormatInt(q.Limit, 10))
	}
	set("dryRun", q.DryRun)
	set("fieldManager", q.FieldManager)
	set("labelSelector", q.LabelSelector)
	set("fieldSelector", q.FieldSelector)
	return v.Encode()
}
