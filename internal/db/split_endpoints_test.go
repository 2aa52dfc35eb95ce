package db

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

// operations are requests whose endpoints were the same before they told operations apart.
func operations() (requests []traffic.Request) {
	for i, line := range []string{
		"GET /api/v1/pods", "GET /api/v1/namespaces/a/pods", "GET /api/v1/namespaces/b/pods", "GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dp",
		"GET /api/v1/namespaces/a/pods/p/proxy", "GET /api/v1/namespaces/a/pods/p/proxy/", "GET /api/v1/namespaces/a/pods/p/proxy/x", "GET /api/v1/namespaces/a/pods/q/proxy/y/z",
		"GET /healthz/etcd", "GET /version", "GET /version", "GET /scan/x", "GET /scan/y", "POST /api/v1/namespaces", "GET /api/v1/namespaces/a",
		"GET /api/v1/watch/namespaces/a/pods/p", "GET /api/v1/nodes/n",
	} {
		method, uri, _ := strings.Cut(line, " ")
		q := asked(method, uri)
		q.Start, q.Duration, q.Status = start.Add(time.Duration(i)*time.Second), time.Duration(i)*time.Millisecond, 200+i%3*100
		q.Attribution = traffic.Attribution{Test: []string{"one", "two"}[i%2], Source: traffic.SourceUserAgent}
		requests = append(requests, q)
	}
	return requests
}

// auditedOperations are the same requests as an audit log tells of them, and a create with the name and namespace of its body.
func auditedOperations() (audits []traffic.Audit) {
	for i, q := range operations() {
		a := auditOf(i)
		a.API, a.Path = q.API, q.Path
		audits = append(audits, a)
	}
	create := auditOf(len(audits))
	create.Path, create.API = "/apis/g/v1/things", traffic.API{Verb: "create", Group: "g", Version: "v1", Resource: "things", Namespace: "a", Name: "t"}
	return append(audits, create)
}

// oldRecording is what version 3 wrote: the rows of a new recording with the endpoints that version 3 gave them, and a summary to forget.
func oldRecording(t *testing.T, path string, requests []traffic.Request, audits []traffic.Audit) {
	t.Helper()
	conn := program(t, path)
	if err := migrate(conn, migrations[:3]); err != nil {
		t.Fatal(err)
	}
	sqlExec(t, conn, `INSERT INTO run (id, name, command, context, server, server_version, tool_version, start_ns, first_request) VALUES (1, 'run-1', '[]', '', '', '', '', 1, 1);
		INSERT INTO test VALUES (1, 'one'), (2, 'two');
		INSERT INTO client VALUES (1, 0, 0, 0, 0, 0, 0); INSERT INTO query VALUES (1, 0, '', '', 0, '', ''); INSERT INTO content VALUES (1, '', '');
		INSERT INTO summary VALUES (1, 1, 99, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0); INSERT INTO summary_parts VALUES (1, 1, x'00')`)
	old := oldRows{t, conn}
	for i, q := range requests {
		e := endpointOf(&q)
		args := []any{i + 1, q.Start.UnixNano(), int64(q.Duration), old.endpoint(e), old.text(q.API.Namespace), old.text(q.API.Name), old.path(e, q.API, q.Path), q.Status, i%2 + 1}
		old.exec(`INSERT INTO request VALUES (?1, 1, 0, ?2, ?3, 0, ?4, ?5, ?6, ?7, 1, 1, ?8, 0, 0, 1, x'', ?9, 2, 0, 0, 0, 0)`, args...)
	}
	for _, a := range audits {
		e := auditedEndpoint(&a)
		old.exec(`INSERT INTO audit VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, 1, ?9)`, auditKey(a.ID), a.Received.UnixNano(), a.Completed.UnixNano(),
			int64(a.Stages), old.endpoint(e), old.text(a.API.Namespace), old.text(a.API.Name), old.path(e, a.API, a.Path), a.Status)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// oldRows writes rows of version 3.
type oldRows struct {
	t    *testing.T
	conn *sqlite3.SQLiteConn
}

func (o oldRows) exec(sql string, args ...any) {
	o.t.Helper()
	if err := execute(o.conn, sql, driverValues(args)...); err != nil {
		o.t.Fatal(err)
	}
}

// id is that of the row that a condition finds.
func (o oldRows) id(table, where string, args ...any) (id int64) {
	o.t.Helper()
	if err := queryInt(o.conn, `SELECT id FROM `+table+` WHERE `+where, &id, driverValues(args)...); err != nil {
		o.t.Fatal(err)
	}
	return id
}

func (o oldRows) text(s string) int64 {
	if s == "" {
		return 0
	}
	if id := o.id("string", "value = ?", s); id > 0 {
		return id
	}
	o.exec(`INSERT INTO string VALUES (NULL, ?)`, s)
	return o.id("string", "value = ?", s)
}

func (o oldRows) path(e endpoint, api traffic.API, path string) int64 {
	if e.isPath(path, api.Namespace, api.Name) {
		return 0
	}
	return o.text(path)
}

func (o oldRows) endpoint(e endpoint) int64 {
	args := []any{e.method, e.verb, e.group, e.version, e.resource, e.subresource}
	const where = `(method, verb, api_group, version, resource, subresource) = (?, ?, ?, ?, ?, ?)`
	if id := o.id("endpoint", where, args...); id > 0 {
		return id
	}
	o.exec(`INSERT INTO endpoint VALUES (NULL, ?, ?, ?, ?, ?, ?)`, args...)
	return o.id("endpoint", where, args...)
}

// TestEndpointsOfVersion3AreSplit into those that a new recording of the same requests has, and whoever asks is answered the same.
func TestEndpointsOfVersion3AreSplit(t *testing.T) {
	old, now := filepath.Join(t.TempDir(), "old.db"), dbPath(t)
	oldRecording(t, old, operations(), auditedOperations())
	r := createFor(t, now)
	finish(t, r, operations()...)
	closeRecorder(t, r)
	importAudits(t, now, auditedOperations()...)
	for _, sql := range []string{
		`SELECT ` + strings.TrimPrefix(endpointColumns, "id, ") + ` FROM endpoint ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`,
		`SELECT r.id, e.namespaced, e.named, e.sub_path, e.path FROM request r JOIN endpoint e ON e.id = r.endpoint ORDER BY r.id`,
		`SELECT a.id, e.namespaced, e.named, e.sub_path, e.path FROM audit a JOIN endpoint e ON e.id = a.endpoint ORDER BY a.id`,
		`SELECT id, method, verb, path, api_group, api_version, resource, subresource, namespace, name, status, test FROM requests ORDER BY id`,
		`SELECT id, audit_id, verb, path, api_group, api_version, resource, subresource, namespace, name FROM audit_events ORDER BY id`,
		`SELECT test, requests, errors_4xx, endpoints, duration_ms, from_user_agent FROM tests ORDER BY test`,
	} {
		if diff := cmp.Diff(ask(t, now, sql), ask(t, old, sql)); diff != "" {
			t.Errorf("%s: -new +old\n%s", sql, diff)
		}
	}
	compareReports(t, now, old)
	checkSummary(t, old)
	checkIntegrity(t, old)
}

func compareReports(t *testing.T, now, old string) {
	t.Helper()
	answers := func(path string) (all []Group, counts []string) {
		r, err := OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		f := Filter{Runs: []int64{1}}
		for _, by := range [][]Dimension{{Test}, {Verb, Resource}, {Path}, {Status, Test}} {
			groups, total, err := r.Summarize(by, f)
			if err != nil {
				t.Fatal(err)
			}
			all = append(append(all, groups...), total)
		}
		return all, countedByEndpoint(t, r, f, false)
	}
	wantGroups, wantCounts := answers(now)
	gotGroups, gotCounts := answers(old)
	if diff := cmp.Diff(wantGroups, gotGroups); diff != "" {
		t.Errorf("reports: -new +old\n%s", diff)
	}
	if diff := cmp.Diff(wantCounts, gotCounts); diff != "" {
		t.Errorf("by endpoint: -new +old\n%s", diff)
	}
}

// TestAFailedSplitLeavesTheOldVersion with its rows and its summary, to be tried again.
func TestAFailedSplitLeavesTheOldVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	oldRecording(t, path, operations(), nil)
	conn := program(t, path)
	sqlExec(t, conn, `CREATE TRIGGER broken BEFORE UPDATE OF endpoint ON request BEGIN SELECT RAISE(ABORT, 'disk on fire'); END`)
	if r, err := OpenReader(path); err == nil || !strings.Contains(err.Error(), "split endpoints: disk on fire") {
		t.Fatalf("open: %v, %v", r, err)
	}
	var version, summed int64
	if err := queryInt(conn, `PRAGMA user_version`, &version); err != nil {
		t.Fatal(err)
	}
	if err := queryInt(conn, `SELECT requests FROM summary`, &summed); err != nil || version != 3 || summed != 99 {
		t.Errorf("version %d, %d requests in the summary, %v; want 3 and 99", version, summed, err)
	}
	sqlExec(t, conn, `DROP TRIGGER broken`)
	conn.Close()
	if got := ask(t, path, `SELECT sum(requests) FROM tests`)[0]; got != "17" {
		t.Errorf("%s requests in the summary after the second try, want 17", got)
	}
}

// TestRecordsOfAnOlderRecorderAreApplied: it died, and a newer program opens what it left behind.
func TestRecordsOfAnOlderRecorderAreApplied(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	for i, q := range operations() {
		q.ID = int64(i + 1)
		if err := r.append(func(b []byte) []byte { return append(b, oldRequest(kindOldRequest, q)...) }); err != nil {
			t.Fatal(err)
		}
	}
	die(t, r)
	now := dbPath(t)
	r = createFor(t, now)
	finish(t, r, operations()...)
	closeRecorder(t, r)
	const sql = `SELECT r.id, e.namespaced, e.named, e.sub_path, e.path FROM request r JOIN endpoint e ON e.id = r.endpoint ORDER BY r.id`
	if diff := cmp.Diff(ask(t, now, sql), ask(t, path, sql)); diff != "" {
		t.Errorf("-new +old\n%s", diff)
	}
}
