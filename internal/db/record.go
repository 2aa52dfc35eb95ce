package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// A record is what one append to the pending file says. Its first byte is its kind.
type kind byte

const (
	kindConnection    kind = iota + 1
	kindOldRequest         // kindRequest until schema version 5: its endpoint is six texts, as in the next one
	kindOldCompletion      // kindCompletion until then
	kindEnd                // the run has ended in order
	kindProcess
	kindSpec       // a spec as it is known now; a later record with its ID replaces it
	kindRequest    // a request's only record, or the first of a long-running one
	kindCompletion // the second record of a long-running request, which replaces the first
	kindOperations // what the API server documents; a later record replaces it
)

// record is a decoded record; which field counts depends on the kind.
type record struct {
	kind       kind
	request    row
	connection connection
	process    process
	spec       spec
	operations []byte
	end        traffic.RunEnd
	lost       int64
}

var errRecord = errors.New("malformed record")

// appendRequest leaves out what the rest tells: the usual path, and a test that the User-Agent names. Shorter records cost
// less to write, read, check and look up.
func appendRequest(b []byte, k kind, q *traffic.Request) []byte {
	b = append(b, byte(k), byte(q.Outcome), 0)
	flags := len(b) - 1
	for _, v := range [...]int64{
		q.ID, q.Connection, nanos(q.Start), int64(q.Duration), int64(q.FirstByte), int64(q.Status), q.BytesIn, q.BytesOut,
	} {
		b = binary.AppendVarint(b, v)
	}
	e := endpointOf(q)
	b = appendValue(b, e)
	b = appendValue(b, client(q.Client))
	b = appendValue(b, query(q.Query))
	b = appendValue(b, content{q.RequestContentType, q.ResponseContentType})
	b = appendValue(b, attribution(q.Attribution))
	b = appendString(b, q.API.Namespace)
	b = appendString(b, q.API.Name)
	if e.isPath(q.Path, q.API.Namespace, q.API.Name) {
		b = appendString(b, "")
	} else {
		b = appendString(b, q.Path)
	}
	if _, test := splitAgent(q.Client.UserAgent); test != "" && test == q.Test {
		b[flags] |= testOfAgent
		b = appendString(b, "")
	} else {
		b = appendString(b, q.Test)
	}
	if q.TaggedAs != "" { // as its test: nothing else is known yet
		b[flags] |= taggedAsTest
	}
	b = appendString(b, strings.Join(q.Warnings, "\n"))
	b = appendString(b, q.Error)
	if id, ok := parseUUID(q.AuditID); ok {
		b[flags] |= auditUUID
		return append(b, id[:]...)
	}
	return append(b, q.AuditID...)
}

func appendEnd(b []byte, e traffic.RunEnd, lost int64) []byte {
	b = append(b, byte(kindEnd))
	b = binary.AppendVarint(b, nanos(e.End))
	b = binary.AppendVarint(b, int64(e.ExitCode))
	return binary.AppendVarint(b, lost)
}

// decode reads one record into r, whose slices are parts of body. It accepts no byte too few or too many, and never panics.
func (r *record) decode(body []byte) error {
	d := decoder{rest: body}
	r.kind = kind(d.byte())
	switch r.kind {
	case kindRequest, kindCompletion:
		r.request.decode(&d)
	case kindOldRequest, kindOldCompletion:
		r.request.decode(&d)
		r.request.completeEndpoint(&d)
		r.kind += kindRequest - kindOldRequest
	case kindConnection:
		r.connection.decode(&d)
	case kindProcess:
		r.process.decode(&d)
	case kindSpec:
		r.spec.decode(&d)
	case kindOperations:
		r.operations, d.rest = d.rest, nil
	case kindEnd:
		r.end = traffic.RunEnd{End: timeOf(d.int()), ExitCode: int(d.int())}
		r.lost = d.int()
	default:
		return fmt.Errorf("%w: kind %d", errRecord, r.kind)
	}
	if d.failed || len(d.rest) > 0 {
		return fmt.Errorf("%w: kind %d, %d bytes", errRecord, r.kind, len(body))
	}
	return nil
}

// nanos is the stored form of a time: nanoseconds since 1970, 0 for no time at all.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
