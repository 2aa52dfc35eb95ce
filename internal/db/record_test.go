package db

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"e2etap/internal/traffic"
)

// fullRequest has a value of its own in every field.
func fullRequest() traffic.Request {
	return traffic.Request{
		ID: 42, Connection: 7, Start: time.Unix(0, 1790000000123456789), Duration: 3 * time.Millisecond, FirstByte: 2 * time.Millisecond,
		Method: "POST", Path: "/api/v1/namespaces/a%20b/pods/p/exec",
		API: traffic.API{
			Verb: "create", Group: "g", Version: "v1", Resource: "pods", Subresource: "exec", Namespace: "a b", Name: "p",
		},
		Query: traffic.Query{
			Watch: true, DryRun: "All", FieldManager: "kubectl", Limit: 500, LabelSelector: "a=b", FieldSelector: "metadata.name=p",
		},
		Status: 101, BytesIn: 1, BytesOut: 1 << 40, RequestContentType: "application/json", ResponseContentType: "text/plain",
		Warnings: []string{`299 - "one"`, `299 - "two"`},
		Client: traffic.Client{
			UserAgent: "e2e.test/v1 -- a test -- with more", TestHeader: "header", KubectlCommand: "kubectl exec",
			KubectlSession: "session", Credential: traffic.CredentialOther,
		},
		AuditID: "5b0f2d3c-7c1e-4a8e-9a55-0123456789ab", Attribution: traffic.Attribution{
			Test: "a test -- with more", Source: traffic.SourceUserAgent, Agreed: 1 << traffic.SourceOutput,
			Disagreed: 1 << traffic.SourceProcess, Phase: traffic.PhaseCleanup, Attempt: 2,
		},
		TaggedAs: "a test -- with more",
		Outcome:  traffic.ClientAborted, Error: "client left\nearly \x00 \xff",
	}
}

func fullProcess() *traffic.Process {
	return &traffic.Process{
		ID: 8, Parent: &traffic.Process{ID: 7}, Root: true, PID: 12, Start: start.Add(-time.Hour), Executable: "/usr/bin/kubectl",
		Command: []string{"kubectl", "get", "a b"}, Test: "marked",
	}
}

func fullSpec() traffic.Spec {
	return traffic.Spec{
		ID: 5, Test: "[sig-cli] a spec", Node: "BeforeSuite", Told: traffic.ToldResults, Worker: "3", Start: start,
		End: start.Add(time.Minute), Duration: time.Minute, Outcome: traffic.SpecFailed, Attempts: 2, Labels: []string{"Slow", "sig-cli"},
		Location: "test/e2e/x.go:1", Phases: []traffic.PhaseStart{
			{At: start, Phase: traffic.PhaseSetup, Attempt: 1}, {At: start.Add(time.Second), Phase: traffic.PhaseBody, Attempt: 2},
		},
	}
}

func ptr[T any](v T) *T { return &v }

// decoded is a record with its request as it went in.
type decoded struct {
	Kind       kind
	Request    traffic.Request
	Connection connection
	Process    process
	Spec       spec
	End        traffic.RunEnd
	Lost       int64
}

func decodeRecord(body []byte) (d decoded, err error) {
	var r record
	if err := r.decode(body); err != nil {
		return d, err
	}
	d = decoded{Kind: r.kind, Connection: r.connection, Process: r.process, Spec: r.spec, End: r.end, Lost: r.lost}
	if r.kind == kindRequest || r.kind == kindCompletion {
		d.Request, err = decodeRow(&r.request)
	}
	return d, err
}

func decodeRow(r *row) (traffic.Request, error) {
	e, err1 := decodeEndpoint(r.endpoint)
	c, err2 := decodeClient(r.client)
	k, err3 := decodeQuery(r.query)
	types, err4 := decodeContent(r.content)
	a, err5 := decodeAttribution(r.attribution)
	q := traffic.Request{
		ID: r.id, Connection: r.connection, Start: timeOf(r.start), Duration: time.Duration(r.duration), FirstByte: time.Duration(r.firstByte),
		Method: e.method, Path: string(r.path),
		API:   traffic.API{Verb: e.verb, Group: e.group, Version: e.version, Resource: e.resource, Subresource: e.subresource},
		Query: traffic.Query(k), Status: int(r.status), BytesIn: r.bytesIn, BytesOut: r.bytesOut,
		RequestContentType: types.request, ResponseContentType: types.response, Client: traffic.Client(c),
		AuditID: string(r.audit), Attribution: traffic.Attribution(a), Outcome: traffic.Outcome(r.outcome),
		Error: string(r.failure),
	}
	q.Test = string(r.test)
	q.API.Namespace, q.API.Name = string(r.namespace), string(r.name)
	if q.Path == "" {
		q.Path = e.usualPath(q.API.Namespace, q.API.Name)
	}
	if len(r.warnings) > 0 {
		q.Warnings = strings.Split(string(r.warnings), "\n")
	}
	if r.flags&auditUUID != 0 {
		q.AuditID = uuid.UUID(r.audit).String()
	}
	if r.flags&testOfAgent != 0 {
		_, q.Test = splitAgent(q.Client.UserAgent)
	}
	if r.flags&taggedAsTest != 0 {
		q.TaggedAs = q.Test
	}
	return q, errors.Join(err1, err2, err3, err4, err5)
}

// oldEndpoint is an endpoint as records had it until schema version 5.
type oldEndpoint endpoint

func (e oldEndpoint) append(b []byte) []byte {
	return appendStrings(b, e.method, e.verb, e.group, e.version, e.resource, e.subresource)
}

// oldRequest is a request's record as it was then.
func oldRequest(k kind, q traffic.Request) []byte {
	e := endpointOf(&q)
	return bytes.Replace(appendRequest(nil, k, &q), appendValue(nil, e), appendValue(nil, oldEndpoint(e)), 1)
}

func TestOldRecordsDecodeToWhatNewOnesDo(t *testing.T) {
	for old, now := range map[kind]kind{kindOldRequest: kindRequest, kindOldCompletion: kindCompletion} {
		for _, q := range []traffic.Request{
			fullRequest(), {}, asked("GET", "/healthz/etcd"), asked("GET", "/api/v1/nodes/n/proxy/x"), asked("GET", "/api/v1/nodes/n/proxy"),
			asked("POST", "/api/v1/namespaces/a/pods"), asked("GET", "/api/v1/pods?fieldSelector=metadata.name%3Dp"),
		} {
			var got, want record
			if err := errors.Join(got.decode(oldRequest(old, q)), want.decode(appendRequest(nil, now, &q))); err != nil {
				t.Errorf("%s: %v", q.Path, err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{}, row{}, connection{}, process{}, spec{})); diff != "" {
				t.Errorf("%s: -new +old\n%s", q.Path, diff)
			}
		}
	}
	q := fullRequest()
	if err := new(record).decode(appendRequest(nil, kindOldRequest, &q)); err == nil {
		t.Error("decoded an old record with a new endpoint")
	}
}

func TestRecordsDecodeToWhatWasEncoded(t *testing.T) {
	p := fullProcess()
	c := traffic.Connection{ID: 3, Opened: start, Remote: "127.0.0.1:1", Protocol: "h2", Process: p, Unknown: "why"}
	s := fullSpec()
	s.Process = p
	told := s
	told.Process = nil
	full, empty, unusual := fullRequest(), traffic.Request{}, fullRequest()
	unusual.Path, unusual.AuditID, unusual.Test, unusual.TaggedAs = "/elsewhere", "no UUID", "another test", ""
	end := traffic.RunEnd{End: start, ExitCode: -1}
	for name, test := range map[string]struct {
		body []byte
		want decoded
	}{
		"request":    {appendRequest(nil, kindRequest, &full), decoded{Kind: kindRequest, Request: full}},
		"completion": {appendRequest(nil, kindCompletion, &full), decoded{Kind: kindCompletion, Request: full}},
		"unusual":    {appendRequest(nil, kindRequest, &unusual), decoded{Kind: kindRequest, Request: unusual}},
		"empty":      {appendRequest(nil, kindRequest, &empty), decoded{Kind: kindRequest}},
		"connection": {appendConnection(nil, &c), decoded{Kind: kindConnection, Connection: connection{3, nanos(start), 8, c.Remote, "h2", "why"}}},
		"process": {appendProcess(nil, p), decoded{Kind: kindProcess, Process: process{
			8, 7, 12, nanos(p.Start), true, p.Executable, `["kubectl","get","a b"]`, "marked"}}},
		"spec": {appendSpec(nil, &s), decoded{Kind: kindSpec, Spec: spec{told, 8}}},
		"end":  {appendEnd(nil, end, 9), decoded{Kind: kindEnd, End: end, Lost: 9}},
	} {
		got, err := decodeRecord(test.body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(connection{}, process{}, spec{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestRecordsOfAnotherLengthAreRefused(t *testing.T) {
	full := fullRequest()
	body := appendRequest(nil, kindRequest, &full)
	for n := range len(body) {
		if _, err := decodeRecord(body[:n]); err == nil {
			t.Errorf("decoded the first %d of %d bytes", n, len(body))
		}
	}
	if _, err := decodeRecord(append(body, 'x')); err == nil {
		t.Error("decoded a record with a byte too many")
	}
}

func TestUsualPathsAreLeftOut(t *testing.T) {
	q := fullRequest()
	for path, want := range map[string]bool{
		"/apis/g/v1/namespaces/a b/pods/p/exec": true, "/apis/g/v1/namespaces/a b/pods/p/exec/": false,
		"/apis/g/v1/namespaces/a b/pods/p": false, "apis/g/v1/namespaces/a b/pods/p/exec": false, "": false,
	} {
		if got := endpointOf(&q).isPath(path, q.API.Namespace, q.API.Name); got != want {
			t.Errorf("%q: %v, want %v", path, got, want)
		}
		if got := endpointOf(&q).usualPath(q.API.Namespace, q.API.Name) == path; got != want {
			t.Errorf("%q is the path: %v, want %v", path, got, want)
		}
	}
	if (endpoint{}).isPath("", "", "") || (endpoint{}).usualPath("a", "b") != "" {
		t.Error("what is not a resource has a usual path")
	}
}

// FuzzDecodeRecord: whatever decodes, encodes to what decodes to the same.
func FuzzDecodeRecord(f *testing.F) {
	full := fullRequest()
	seeds := [][]byte{
		appendRequest(nil, kindRequest, &full), appendRequest(nil, kindCompletion, &full),
		appendRequest(nil, kindRequest, ptr(asked("GET", "/healthz/etcd"))), appendRequest(nil, kindRequest, ptr(asked("GET", "/api/v1/nodes/n/proxy/x"))),
		oldRequest(kindOldRequest, full), oldRequest(kindOldCompletion, full), oldRequest(kindOldRequest, asked("GET", "/version")),
		appendConnection(nil, &traffic.Connection{ID: 1, Opened: start, Process: fullProcess()}),
		appendProcess(nil, fullProcess()), appendSpec(nil, ptr(fullSpec())),
		appendEnd(nil, traffic.RunEnd{End: start, ExitCode: 3}, 1), {byte(kindOperations)}, {byte(kindOperations), 'x'},
	}
	for _, s := range seeds {
		if _, err := decodeRecord(s); err != nil {
			f.Fatalf("seed: %v", err)
		}
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := decodeRecord(b)
		if err != nil {
			return
		}
		var again []byte
		switch first.Kind {
		case kindConnection:
			c := first.Connection
			again = appendConnection(nil, &traffic.Connection{ID: c.id, Opened: timeOf(c.opened), Process: &traffic.Process{ID: c.process},
				Remote: c.remote, Protocol: c.protocol, Unknown: c.unknown})
		case kindProcess, kindOperations:
			return // the command is a text here already, and operations are bytes as they come
		case kindSpec:
			first.Spec.Process = &traffic.Process{ID: first.Spec.process}
			again = appendSpec(nil, &first.Spec.Spec)
			first.Spec.Process = nil
		case kindEnd:
			again = appendEnd(nil, first.End, first.Lost)
		default:
			again = appendRequest(nil, first.Kind, &first.Request)
		}
		second, err := decodeRecord(again)
		if err != nil {
			t.Fatalf("re-encoded: %v", err)
		}
		if diff := cmp.Diff(first, second, cmp.AllowUnexported(connection{}, process{}, spec{})); diff != "" {
			t.Errorf("-first +second\n%s", diff)
		}
	})
}

// FuzzSplitRecords: damaged pending files end; they neither panic nor yield records that were not written.
func FuzzSplitRecords(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00x"), int64(16))
	f.Add([]byte{0xff, 0xff, 0xff, 0x03, 0, 0, 0, 0, 1}, int64(16))
	f.Fuzz(func(t *testing.T, b []byte, offset int64) {
		bodies, used, need := splitRecords(nil, b, 1, offset, 10)
		if used > int64(len(b)) || need < 0 || need > maxRecordBody+recordHeader {
			t.Errorf("used %d of %d bytes, need %d", used, len(b), need)
		}
		if len(bodies) > 10 {
			t.Errorf("%d records, want at most 10", len(bodies))
		}
	})
}

func FuzzSummaryBlobs(f *testing.F) {
	parts := map[part]*sums{{3, 200, 1}: {requests: 2, bytesIn: 5, durations: histogram{{1, 2}, {900, 1}}}, {9, 404, 0}: {requests: 1}}
	encoded := appendParts(nil, parts, inOrder(parts))
	n := 0
	if err := eachPart(encoded, func(part, *sums, []byte) error { n++; return nil }); err != nil || n != 2 {
		f.Fatalf("seed: %d parts, %v", n, err)
	}
	f.Add(encoded)
	f.Fuzz(func(t *testing.T, b []byte) {
		var all tally
		_ = eachPart(b, func(_ part, _ *sums, durations []byte) error { return eachBucket(durations, all.add) })
		_ = new(runTotals).read(b)
	})
}
