package db

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// The two tables together, which have the same keys.
const summaryDump = `SELECT (SELECT count(*) FROM summary), (SELECT count(*) FROM summary_parts),  run, test, requests, errors_4xx, errors_5xx, watches, bytes_in, bytes_out, duration_ns, max_ns, endpoints,
	timed, p50_ns, p99_ns, hex(parts), (SELECT hex(totals) FROM run WHERE id = run) FROM summary JOIN summary_parts USING (run, test) ORDER BY run, test`

func compareSummaries(t testing.TB, kept, rebuilt []string) {
	t.Helper()
	if len(rebuilt) == 0 {
		t.Error("the rebuilt summary is empty")
	}
	if diff := cmp.Diff(rebuilt, kept); diff != "" {
		t.Errorf("-rebuilt from the rows +kept at insert\n%s", diff)
	}
}

// variedRecording records all that the summary must get right: several runs, open, unfinished and completed watches,
// errors of both classes, requests without an answer. It returns its path.
func variedRecording(t testing.TB) string {
	path := dbPath(t)
	for range 2 {
		r := createFor(t, path)
		for i, q := range some(3000) {
			switch i % 50 {
			case 7:
				q.Status = 503
			case 8:
				q.Status, q.Outcome = 0, traffic.UpstreamUnreachable
			case 10: // the same endpoint in counts, but another operation
				q.API.Namespace, q.Path = "", ""
			case 11:
				q.Path, q.API = "/healthz", traffic.API{Verb: "get"}
			case 12:
				q.Path, q.API = "/livez", traffic.API{Verb: "get"}
			}
			if q.API.LongRunning() || i%50 == 9 {
				status := q.Status
				q.Status = 0
				if err := r.Start(&q); err != nil {
					t.Fatal(err)
				}
				if i%3 == 0 {
					continue // stays open
				}
				q.Status, q.Outcome = status, traffic.ClientAborted
			}
			finish(t, r, q)
			if i == 1500 {
				if err := r.pendingApplied(); err != nil { // so that starts and completions fall into different batches
					t.Fatal(err)
				}
			}
		}
		closeRecorder(t, r)
	}
	return path
}

// pendingApplied waits until all that is pending now has been applied.
func (r *Recorder) pendingApplied() error {
	generation, end := r.pending.state()
	for {
		reader, err := OpenReader(r.path)
		if err != nil {
			return err
		}
		applied := int64(0)
		err = queryInt(reader.conn, `SELECT applied FROM pending WHERE generation = ?`, &applied, int64(generation))
		reader.Close()
		if err != nil || applied >= end {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTheSummaryEqualsTheRows(t *testing.T) { checkSummary(t, variedRecording(t)) }

// checkSummary compares a recording's summary with one that is made from its rows.
func checkSummary(t testing.TB, path string) {
	t.Helper()
	kept := ask(t, path, summaryDump)
	if err := RebuildSummary(path); err != nil {
		t.Fatal(err)
	}
	compareSummaries(t, kept, ask(t, path, summaryDump))
}

// TestEveryQuestionHasOneAnswer asks what the summary can tell both of it and of the rows.
func TestEveryQuestionHasOneAnswer(t *testing.T) {
	r, err := OpenReader(variedRecording(t))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	names, err := r.MatchTests("case 1*", []int64{1, 2})
	if err != nil || len(names) != 0 {
		t.Fatalf("%d names, %v; want that the glob matches whole names", len(names), err)
	}
	if names, err = r.MatchTests("*case 1*", []int64{1, 2}); err != nil || len(names) < 3 {
		t.Fatalf("%d names, %v; want some", len(names), err)
	}
	for _, by := range [][]Dimension{
		{Test}, {Verb}, {Resource}, {APIGroup}, {Status}, {Source}, {Test, Verb}, {Test, Source}, {Resource, Status, APIGroup}, {Test, Verb, Resource, APIGroup, Status},
	} {
		for _, f := range []Filter{
			{Runs: []int64{1}}, {Runs: []int64{1, 2}}, {Runs: []int64{2}, Tests: names}, {Runs: []int64{2}, Tests: []string{""}},
			{Runs: []int64{2}, Verb: "watch"}, {Runs: []int64{1, 2}, Resource: "pods"}, {Runs: []int64{1}, Status: "404"},
			{Runs: []int64{1}, Status: "4xx", Verb: "get"}, {Runs: []int64{1}, Status: "0"}, {Runs: []int64{1}, Status: "5xx"}, {Runs: []int64{1}, Source: "user-agent"}, {Runs: []int64{2}, Source: "none", Verb: "get"},
		} {
			sums, sumsTotal, err := r.summarize(by, f, false)
			if err != nil {
				t.Fatal(err)
			}
			rows, rowsTotal, err := r.summarize(by, f, true)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				t.Errorf("%v by %v: nothing, which shows nothing", f, by)
			}
			if diff := cmp.Diff(append(rows, rowsTotal), append(sums, sumsTotal)); diff != "" {
				t.Errorf("%v by %v: -rows +summary\n%s", f, by, diff)
			}
		}
	}
}

func TestPercentilesAreGoodTo3Percent(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		v := time.Duration(rnd.Int64() >> rnd.IntN(63))
		var one tally
		one.add(bucketOf(int64(v)), 1)
		got := one.quantile(0.5)
		if err := float64(got-v) / max(float64(v), 1); err > 0.02 || err < -0.02 {
			t.Fatalf("%d comes back as %d, %.1f %% off", v, got, err*100)
		}
	}
}

func TestBucketsHaveNoGapsAndKeepOrder(t *testing.T) {
	last := uint16(0)
	for v := range int64(1 << 20) {
		b := bucketOf(v)
		if b != last && b != last+1 {
			t.Fatalf("%d is in bucket %d, %d in %d", v-1, last, v, b)
		}
		last = b
	}
	if top := bucketOf(1<<63 - 1); top >= maxBuckets {
		t.Errorf("the longest duration is in bucket %d, of %d", top, maxBuckets)
	}
}
