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
	kindConnection kind = iota + 1
	kindRequest         // a request's only record, or the first of a long-running one
	kindCompletion      // the second record of a long-running request, which replaces the first
	kindEnd             // the run has ended in order
)

// record is a decoded record; which field counts depends on the kind. Strings are parts of one larger string: whoever
// keeps them for long clones them.
type record struct {
	kind       kind
	request    traffic.Request
	connection traffic.Connection
	end        traffic.RunEnd
	lost       int64
}

var errRecord = errors.New("malformed record")

func appendRequest(b []byte, k kind, q *traffic.Request) []byte {
	b = append(b, byte(k), byte(q.Source), byte(q.Outcome), byte(q.Client.Credential))
	for _, v := range [...]int64{
		q.ID, q.Connection, nanos(q.Start), int64(q.Duration), int64(q.FirstByte),
		int64(q.Status), q.BytesIn, q.BytesOut, q.Query.Limit, boolInt(q.Query.Watch),
	} {
		b = binary.AppendVarint(b, v)
	}
	for _, p := range requestStrings(q) {
		b = appendString(b, *p)
	}
	return appendString(b, strings.Join(q.Warnings, "\n"))
}

// requestStrings lists the text fields of a request in their order in a record.
func requestStrings(q *traffic.Request) [22]*string {
	return [...]*string{
		&q.Method, &q.Path,
		&q.API.Verb, &q.API.Group, &q.API.Version, &q.API.Resource, &q.API.Subresource, &q.API.Namespace, &q.API.Name,
		&q.Query.DryRun, &q.Query.FieldManager, &q.Query.LabelSelector, &q.Query.FieldSelector,
		&q.RequestContentType, &q.ResponseContentType,
		&q.Client.UserAgent, &q.Client.TestHeader, &q.Client.KubectlCommand, &q.Client.KubectlSession,
		&q.AuditID, &q.Test, &q.Error,
	}
}

func appendConnection(b []byte, c *traffic.Connection) []byte {
	b = append(b, byte(kindConnection))
	for _, v := range [...]int64{c.ID, nanos(c.Opened), int64(c.PID), nanos(c.ProcessStart)} {
		b = binary.AppendVarint(b, v)
	}
	b = appendString(b, c.Remote)
	b = appendString(b, c.Protocol)
	return appendString(b, c.Executable)
}

func appendEnd(b []byte, e traffic.RunEnd, lost int64) []byte {
	b = append(b, byte(kindEnd))
	b = binary.AppendVarint(b, nanos(e.End))
	b = binary.AppendVarint(b, int64(e.ExitCode))
	return binary.AppendVarint(b, lost)
}

// decodeRecord reads one record. It accepts no byte too few or too many, and never panics.
func decodeRecord(body string) (record, error) {
	d := decoder{rest: body}
	r := record{kind: kind(d.byte())}
	switch r.kind {
	case kindRequest, kindCompletion:
		d.request(&r.request)
	case kindConnection:
		d.connection(&r.connection)
	case kindEnd:
		r.end = traffic.RunEnd{End: d.time(), ExitCode: int(d.int())}
		r.lost = d.int()
	default:
		return r, fmt.Errorf("%w: kind %d", errRecord, r.kind)
	}
	if d.failed || d.rest != "" {
		return r, fmt.Errorf("%w: kind %d, %d bytes", errRecord, r.kind, len(body))
	}
	return r, nil
}

// decoder takes values off the front of rest. After the first failure it yields zeros only.
type decoder struct {
	rest   string
	failed bool
}

func (d *decoder) request(q *traffic.Request) {
	q.Source, q.Outcome = traffic.Source(d.byte()), traffic.Outcome(d.byte())
	q.Client.Credential = traffic.Credential(d.byte())
	q.ID, q.Connection = d.int(), d.int()
	q.Start, q.Duration, q.FirstByte = d.time(), time.Duration(d.int()), time.Duration(d.int())
	q.Status, q.BytesIn, q.BytesOut = int(d.int()), d.int(), d.int()
	q.Query.Limit, q.Query.Watch = d.int(), d.int() != 0
	for _, p := range requestStrings(q) {
		*p = d.string()
	}
	if w := d.string(); w != "" {
		q.Warnings = strings.Split(w, "\n")
	}
}

func (d *decoder) connection(c *traffic.Connection) {
	c.ID, c.Opened, c.PID, c.ProcessStart = d.int(), d.time(), int(d.int()), d.time()
	c.Remote, c.Protocol, c.Executable = d.string(), d.string(), d.string()
}

func (d *decoder) byte() byte {
	s := d.take(1)
	if s == "" {
		return 0
	}
	return s[0]
}

func (d *decoder) string() string {
	n := d.uint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return ""
	}
	return d.take(int(n))
}

func (d *decoder) take(n int) string {
	if n > len(d.rest) {
		d.fail()
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// uint is binary.Uvarint for a string.
func (d *decoder) uint() uint64 {
	var v uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		c := d.rest[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.rest = d.rest[i+1:]
			return v
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	u := d.uint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) time() time.Time {
	ns := d.int()
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

func (d *decoder) fail() { d.failed, d.rest = true, "" }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
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
