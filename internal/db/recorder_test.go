package db

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// testRun is a run as the proxy would start it.
func testRun(name string) traffic.Run {
	return traffic.Run{
		Name: name, Command: []string{"e2e.test", "-ginkgo.v"}, Context: "kind", Server: "https://127.0.0.1:6443",
		ServerVersion: "v1.37.2", ToolVersion: "v0.1.0", Start: start,
	}
}

var testEnd = traffic.RunEnd{End: start.Add(time.Hour), ExitCode: 1}

// createFor makes a recorder that fails the test if it meets an error.
func createFor(t testing.TB, path string) *Recorder {
	t.Helper()
	r, err := Create(path, testRun(""), Options{OnError: func(err error) { t.Errorf("recording: %v", err) }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// finish records requests.
func finish(t testing.TB, r *Recorder, requests ...traffic.Request) {
	t.Helper()
	for i := range requests {
		if err := r.Finish(&requests[i]); err != nil {
			t.Fatal(err)
		}
	}
}

func closeRecorder(t testing.TB, r *Recorder) {
	t.Helper()
	if err := r.Close(testEnd); err != nil {
		t.Fatal(err)
	}
}

// die ends a recorder as kill -9 would: files stay as they are, and the locks go.
func die(t testing.TB, r *Recorder) {
	t.Helper()
	close(r.stop)
	<-r.stopped
	if err := r.applier.close(); err != nil {
		t.Error(err)
	}
	// A connection of a dead process closes without a checkpoint.
	if err := r.applier.conn.SetFileControlInt("main", sqliteFcntlPersistWAL, 1); err != nil {
		t.Error(err)
	}
	if err := r.applier.conn.Close(); err != nil {
		t.Error(err)
	}
	if err := r.pending.close(); err != nil {
		t.Error(err)
	}
}

const sqliteFcntlPersistWAL = 10

// ask runs SQL on a recording, and returns each row's values joined by "|".
func ask(t testing.TB, path, sql string) []string {
	t.Helper()
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return queryReader(t, r, sql)
}

func some(n int) []traffic.Request {
	work := newWorkload(3)
	requests := make([]traffic.Request, n)
	for i := range requests {
		requests[i] = work.next()
	}
	return requests
}

func dbPath(t testing.TB) string { return filepath.Join(t.TempDir(), "e2e.db") }

func TestEveryFieldOfARequestComesBack(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	want := fullRequest()
	want.ID = 0
	finish(t, r, want)
	closeRecorder(t, r)
	got := ask(t, path, `SELECT method, path, verb, api_group, api_version, resource, subresource, namespace, name, watch, dry_run,
		field_manager, list_limit, label_selector, field_selector, status, bytes_in, bytes_out, request_content_type,
		response_content_type, warnings, user_agent, test_header, kubectl_command, kubectl_session, credential, audit_id,
		test, test_source, outcome, error, connection, start_ns, duration_ns, duration_ms, first_byte_ms, run, time FROM requests`)
	full := []any{
		"POST", want.Path, "create", "g", "v1", "pods", "exec", "a b", "p", 1, "All", "kubectl", 500, "a=b", "metadata.name=p", 101, 1,
		int64(1 << 40), "application/json", "text/plain", "299 - \"one\"\n299 - \"two\"", want.Client.UserAgent, "header",
		"kubectl exec", "session", "authorization", want.AuditID, want.Test, "user-agent", "client aborted", want.Error, 7,
		want.Start.UnixNano(), 3000000, 3, 2, "run-1", "2026-09-21T14:13:20.123Z",
	}
	if diff := cmp.Diff([]string{joinValues(full)}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPathsComeBack(t *testing.T) {
	requests := []traffic.Request{
		{Path: "/healthz", API: traffic.API{Verb: "get"}},
		{Path: "/api/v1/namespaces/a", API: traffic.API{Verb: "get", Version: "v1", Resource: "namespaces", Namespace: "a", Name: "a"}},
		{Path: "/api/v1/namespaces", API: traffic.API{Verb: "list", Version: "v1", Resource: "namespaces"}},
		{Path: "/api/v1/namespaces/a/finalize", API: traffic.API{Verb: "update", Version: "v1", Resource: "namespaces", Subresource: "finalize", Namespace: "a", Name: "a"}},
		{Path: "/apis/apps/v1/namespaces/a/deployments/d/scale", API: traffic.API{Verb: "get", Group: "apps", Version: "v1", Resource: "deployments", Subresource: "scale", Namespace: "a", Name: "d"}},
		{Path: "/api/v1/namespaces/a/pods", API: traffic.API{Verb: "watch", Version: "v1", Resource: "pods", Namespace: "a", Name: "p"}},
		{Path: "/api/v1/namespaces/a/pods", API: traffic.API{Verb: "deletecollection", Version: "v1", Resource: "pods", Namespace: "a"}},
		{Path: "/api/v1/watch/namespaces/a/pods/p", API: traffic.API{Verb: "watch", Version: "v1", Resource: "pods", Namespace: "a", Name: "p"}},
		{Path: "/api/v1/namespaces/a/services/s:80/proxy/x%2Fy", API: traffic.API{Verb: "get", Version: "v1", Resource: "services", Subresource: "proxy", Namespace: "a", Name: "s:80"}},
		{Path: "/api/v1/nodes/n/", API: traffic.API{Verb: "get", Version: "v1", Resource: "nodes", Name: "n"}},
		{Path: "//api/v1/nodes", API: traffic.API{Verb: "list", Version: "v1", Resource: "nodes"}},
	}
	path := dbPath(t)
	r := createFor(t, path)
	var want []string
	for i := range requests {
		want = append(want, requests[i].Path)
	}
	finish(t, r, requests...)
	closeRecorder(t, r)
	if diff := cmp.Diff(want, ask(t, path, `SELECT path FROM requests ORDER BY id`)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	stored := ask(t, path, `SELECT count(*) FROM request WHERE path <> 0`)
	if want := []string{"5"}; !cmp.Equal(want, stored) {
		t.Errorf("%s paths are stored, want %s: the others can be made", stored, want)
	}
	reader, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	groups, _, err := reader.Summarize([]Dimension{Path}, Filter{Runs: []int64{1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if n := strings.Count("\n"+strings.Join(want, "\n")+"\n", "\n"+g.Keys[0]+"\n"); int64(n) != g.Requests && n == 0 {
			t.Errorf("group %q, which no request has", g.Keys[0])
		}
	}
}

func TestAuditIDsComeBack(t *testing.T) {
	ids := []string{
		"5b0f2d3c-7c1e-4a8e-9a55-0123456789ab", "5B0F2D3C-7C1E-4A8E-9A55-0123456789AB", "5b0f2d3c7c1e4a8e9a550123456789ab",
		"", "mine", "5b0f2d3c-7c1e-4a8e-9a55-0123456789ag", "5b0f2d3c-7c1e-4a8e-9a550-123456789ab", "{b0f2d3c-7c1e-4a8e-9a55-0123456789a}",
	}
	path := dbPath(t)
	r := createFor(t, path)
	for _, id := range ids {
		finish(t, r, traffic.Request{AuditID: id})
	}
	closeRecorder(t, r)
	if diff := cmp.Diff(ids, ask(t, path, `SELECT audit_id FROM requests ORDER BY id`)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	blobs := ask(t, path, `SELECT group_concat(typeof(audit_id)) FROM request`)[0]
	if want := "blob,text,text,text,text,text,text,text"; blobs != want {
		t.Errorf("stored as %s, want %s", blobs, want)
	}
}

func TestUserAgentsComeBack(t *testing.T) {
	agents := []string{"", "a", "a -- b", "a -- b -- c", "a -- ", " -- b", " -- ", "a --b", "e2e -- [sig-node] x"}
	path := dbPath(t)
	r := createFor(t, path)
	for _, a := range agents {
		finish(t, r, traffic.Request{Client: traffic.Client{UserAgent: a}})
	}
	closeRecorder(t, r)
	if diff := cmp.Diff(agents, ask(t, path, `SELECT user_agent FROM requests ORDER BY id`)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestConnectionsKeepWhyTheirProcessIsUnknown(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	p := fullProcess()
	p.Parent = nil
	if err := r.Process(p); err != nil {
		t.Fatal(err)
	}
	known := traffic.Connection{Opened: start, Remote: "127.0.0.1:1", Protocol: "h2", Process: p}
	unknown := traffic.Connection{Opened: start, Remote: "127.0.0.1:2", Protocol: "http/1.1", Unknown: "another machine"}
	for _, c := range []*traffic.Connection{&known, &unknown} {
		if err := r.Connect(c); err != nil {
			t.Fatal(err)
		}
	}
	closeRecorder(t, r)
	want := []string{
		"1|run-1|2026-03-01T12:00:00.000Z|127.0.0.1:1|h2|1|12|2026-03-01T11:00:00.000Z|/usr/bin/kubectl|",
		"2|run-1|2026-03-01T12:00:00.000Z|127.0.0.1:2|http/1.1|0|NULL|NULL|NULL|another machine",
	}
	if diff := cmp.Diff(want, ask(t, path, `SELECT * FROM connections`)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestALongRunningRequestHasARowFromItsStart(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	watch := some(1)[0]
	watch.API.Verb, watch.Status, watch.Duration = "watch", 0, 0
	if err := r.Start(&watch); err != nil {
		t.Fatal(err)
	}
	const sql = `SELECT status, outcome, duration_ns, bytes_out, (SELECT group_concat(requests || '/' || watches || '/' || bytes_out) FROM summary) FROM requests`
	waitFor(t, func() string { return strings.Join(ask(t, path, sql), ",") }, "0|open|0|"+fmt.Sprint(watch.BytesOut)+"|1/1/"+fmt.Sprint(watch.BytesOut))
	watch.Status, watch.Duration, watch.BytesOut, watch.Outcome = 200, time.Minute, 77, traffic.Complete
	finish(t, r, watch)
	closeRecorder(t, r)
	if diff := cmp.Diff([]string{"200|complete|60000000000|77|1/1/77"}, ask(t, path, sql)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWhatIsOpenAtTheEndIsUnfinished(t *testing.T) {
	for name, end := range map[string]func(testing.TB, *Recorder){"closed": closeRecorder, "killed": die} {
		t.Run(name, func(t *testing.T) {
			path := dbPath(t)
			for range 2 { // the second run must leave the first one's rows alone
				r := createFor(t, path)
				q := some(1)[0]
				if err := r.Start(&q); err != nil {
					t.Fatal(err)
				}
				end(t, r)
			}
			want := []string{"run-1|unfinished", "run-2|unfinished"}
			if diff := cmp.Diff(want, ask(t, path, `SELECT run, outcome FROM requests`)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestTheRecordingEndsAsOnePrivateFile(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	finish(t, r, some(10)...)
	closeRecorder(t, r)
	ask(t, path, `SELECT * FROM requests`)
	files, err := filepath.Glob(path + "*")
	if err != nil || !cmp.Equal(files, []string{path}) {
		t.Errorf("files %q, %v; want %q only", files, err, path)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestManyGoroutinesRecord(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			c := traffic.Connection{Opened: start}
			if err := r.Connect(&c); err != nil {
				t.Error(err)
			}
			for _, q := range some(40) {
				q.Connection = c.ID
				if q.API.LongRunning() {
					if err := r.Start(&q); err != nil {
						t.Error(err)
					}
				}
				q.Outcome = traffic.Complete
				if err := r.Finish(&q); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	closeRecorder(t, r)
	want := []string{"2000|2000|1|2000|50|50|0"}
	got := ask(t, path, `SELECT count(*), count(DISTINCT id), min(id), max(id), count(DISTINCT connection),
		(SELECT count(*) FROM connections), (SELECT count(*) FROM request WHERE outcome <> 0) FROM requests`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	checkIntegrity(t, path)
}

func TestStringsStandOnceAcrossRuns(t *testing.T) {
	path := dbPath(t)
	for n := range 3 {
		r := createFor(t, path)
		finish(t, r, some(500*(n+1))...)
		closeRecorder(t, r)
	}
	for _, table := range []struct{ name, columns string }{
		{"string", "value"}, {"test", "name"}, {"content", "request_type, response_type"},
		{"endpoint", "method, verb, api_group, version, resource, subresource"},
		{"query", "watch, dry_run, field_manager, list_limit, label_selector, field_selector"},
		{"client", "agent, agent_test, test_header, kubectl_command, kubectl_session, credential"},
	} {
		twice := ask(t, path, `SELECT `+table.columns+` FROM `+table.name+` GROUP BY `+table.columns+` HAVING count(*) > 1`)
		if len(twice) > 0 {
			t.Errorf("%s has %d values twice, such as %q", table.name, len(twice), twice[0])
		}
	}
}

func TestRunsHaveNamesOfTheirOwn(t *testing.T) {
	path := dbPath(t)
	record := func(name string) (string, error) {
		r, err := Create(path, testRun(name), Options{})
		if err != nil {
			return "", err
		}
		closeRecorder(t, r)
		return r.RunName(), nil
	}
	for _, step := range []struct{ ask, want, wantErr string }{
		{"", "run-1", ""},
		{"run-3", "run-3", ""},
		{"", "run-4", ""},
		{"mine", "mine", ""},
		{"mine", "", `it has a run named "mine" already`},
		{"latest", "", `cannot be named "latest"`},
		{"", "run-5", ""},
	} {
		got, err := record(step.ask)
		if got != step.want || (err == nil) != (step.wantErr == "") || err != nil && !strings.Contains(err.Error(), step.wantErr) {
			t.Errorf("run %q got the name %q, %v; want %q, %q", step.ask, got, err, step.want, step.wantErr)
		}
	}
	want := []string{`run-1|2026-03-01T12:00:00.000Z|2026-03-01T13:00:00.000Z|1|0|["e2e.test","-ginkgo.v"]|kind|https://127.0.0.1:6443|v1.37.2|v0.1.0`}
	got := ask(t, path, `SELECT run, started, ended, exit_code, lost, command, context, server, server_version, tool_version FROM runs LIMIT 1`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
