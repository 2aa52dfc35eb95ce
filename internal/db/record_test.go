package db

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		AuditID: "5b0f2d3c-7c1e-4a8e-9a55-0123456789ab", Test: "a test -- with more", Source: traffic.SourceUserAgent,
		Outcome: traffic.ClientAborted, Error: "client left\nearly \x00 \xff",
	}
}

func TestRecordsDecodeToWhatWasEncoded(t *testing.T) {
	connection := traffic.Connection{
		ID: 3, Opened: start, Remote: "127.0.0.1:1", Protocol: "h2", PID: 12, ProcessStart: start.Add(-time.Hour), Executable: "/e2e.test",
	}
	full, empty := fullRequest(), traffic.Request{}
	end := traffic.RunEnd{End: start, ExitCode: -1}
	for name, test := range map[string]struct {
		body []byte
		want record
	}{
		"request":    {appendRequest(nil, kindRequest, &full), record{kind: kindRequest, request: full}},
		"completion": {appendRequest(nil, kindCompletion, &full), record{kind: kindCompletion, request: full}},
		"empty":      {appendRequest(nil, kindRequest, &empty), record{kind: kindRequest}},
		"connection": {appendConnection(nil, &connection), record{kind: kindConnection, connection: connection}},
		"end":        {appendEnd(nil, end, 9), record{kind: kindEnd, end: end, lost: 9}},
	} {
		got, err := decodeRecord(string(test.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(record{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestRecordsOfAnotherLengthAreRefused(t *testing.T) {
	full := fullRequest()
	body := string(appendRequest(nil, kindRequest, &full))
	for n := range len(body) {
		if _, err := decodeRecord(body[:n]); err == nil {
			t.Errorf("decoded the first %d of %d bytes", n, len(body))
		}
	}
	if _, err := decodeRecord(body + "x"); err == nil {
		t.Error("decoded a record with a byte too many")
	}
}

// FuzzDecodeRecord: whatever decodes, encodes to what decodes to the same.
func FuzzDecodeRecord(f *testing.F) {
	full := fullRequest()
	seeds := [][]byte{
		appendRequest(nil, kindRequest, &full), appendRequest(nil, kindCompletion, &full),
		appendConnection(nil, &traffic.Connection{ID: 1, Opened: start, PID: 5}),
		appendEnd(nil, traffic.RunEnd{End: start, ExitCode: 3}, 1),
	}
	for _, s := range seeds {
		if _, err := decodeRecord(string(s)); err != nil {
			f.Fatalf("seed: %v", err)
		}
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := decodeRecord(string(b))
		if err != nil {
			return
		}
		var again []byte
		switch first.kind {
		case kindConnection:
			again = appendConnection(nil, &first.connection)
		case kindEnd:
			again = appendEnd(nil, first.end, first.lost)
		default:
			again = appendRequest(nil, first.kind, &first.request)
		}
		second, err := decodeRecord(string(again))
		if err != nil {
			t.Fatalf("re-encoded: %v", err)
		}
		if diff := cmp.Diff(first, second, cmp.AllowUnexported(record{})); diff != "" {
			t.Errorf("-first +second\n%s", diff)
		}
	})
}

// FuzzSplitRecords: damaged pending files end; they neither panic nor yield records that were not written.
func FuzzSplitRecords(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00x"), int64(16))
	f.Add([]byte{0xff, 0xff, 0xff, 0x03, 0, 0, 0, 0, 1}, int64(16))
	f.Fuzz(func(t *testing.T, b []byte, offset int64) {
		bodies, used, need := splitRecords(b, 1, offset, 10)
		if used > int64(len(b)) || need < 0 || need > maxRecordBody+recordHeader {
			t.Errorf("used %d of %d bytes, need %d", used, len(b), need)
		}
		if len(bodies) > 10 {
			t.Errorf("%d records, want at most 10", len(bodies))
		}
	})
}

func FuzzSummaryBlobs(f *testing.F) {
	parts := map[part]*sums{{3, 200}: {requests: 2, bytesIn: 5, durations: histogram{{1, 2}, {900, 1}}}, {9, 404}: {requests: 1}}
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
