package db

import (
	"database/sql/driver"
	"time"
)

// Entry is a request as the view requests shows it.
type Entry struct {
	ID                          int64
	Run                         string
	Start                       time.Time
	Method, Verb, Path          string
	Group, Version              string
	Resource, Subresource       string
	Namespace, Name             string
	Status                      int
	Outcome, Error              string
	Duration, FirstByte         time.Duration
	BytesIn, BytesOut           int64
	Test, TestSource, UserAgent string
	Agreed, Disagreed           string // sources, with commas between
	Why, Phase                  string
	Attempt                     int // 0: not known
	TaggedAs                    string
	PID                         int64 // 0: not known
	Executable                  string
	Credential, AuditID         string
	Warnings                    string
	RequestType, ResponseType   string
	Connection                  int64
	Role, User                  string // User is known of what only the audit log has
}

// List calls do with the chosen requests, in the order they started, until one call fails.
func (r *Reader) List(f Filter, do func(*Entry) error) error {
	return r.Snapshot(func() error {
		_, c, err := r.choose(f)
		if err != nil {
			return err
		}
		where, args := c.onRequest()
		sql := listSQL + ` WHERE id IN (SELECT r.id FROM ` + requestFrom + ` WHERE ` + where + `)`
		if f.Audit {
			where, more := c.onAudit()
			sql += listAuditSQL + ` WHERE id IN (SELECT r.id FROM ` + auditFrom + ` WHERE ` + where + `)`
			args = append(args[:len(args):len(args)], more...)
		}
		var e Entry
		return eachRow(r.conn, sql+` ORDER BY start_ns, id`,
			func(row []driver.Value) error {
				e.fill(row)
				return do(&e)
			}, args...)
	})
}

const listSQL = `SELECT id, run, start_ns, method, verb, path, api_group, api_version, resource, subresource, namespace, name,
	status, outcome, error, duration_ns, first_byte_ns, bytes_in, bytes_out, test, test_source, user_agent, credential,
	audit_id, warnings, request_content_type, response_content_type, connection,
	test_agreed, test_disagreed, test_why, phase, attempt, tagged_as, pid, executable, 'test', '' FROM requests`

const listAuditSQL = ` UNION ALL SELECT id, unrecorded_in, received_ns, '', verb, path, api_group, api_version, resource, subresource, namespace, name,
	status, CASE WHEN completed_ns IS NULL THEN 'unfinished' ELSE 'complete' END, '', coalesce(completed_ns - received_ns, 0), 0, 0, 0, test,
	test_source, user_agent, '', audit_id, '', '', '', 0, '', '', test_why, phase, 0, '', 0, '', role, user FROM audit_events`

func (e *Entry) fill(row []driver.Value) {
	s := func(i int) string { v, _ := row[i].(string); return v }
	n := func(i int) int64 { v, _ := row[i].(int64); return v }
	*e = Entry{
		ID: n(0), Run: s(1), Start: timeOf(n(2)), Method: s(3), Verb: s(4), Path: s(5), Group: s(6), Version: s(7),
		Resource: s(8), Subresource: s(9), Namespace: s(10), Name: s(11), Status: int(n(12)), Outcome: s(13), Error: s(14),
		Duration: time.Duration(n(15)), FirstByte: time.Duration(n(16)), BytesIn: n(17), BytesOut: n(18),
		Test: s(19), TestSource: s(20), UserAgent: s(21), Credential: s(22), AuditID: s(23), Warnings: s(24),
		RequestType: s(25), ResponseType: s(26), Connection: n(27),
		Agreed: s(28), Disagreed: s(29), Why: s(30), Phase: s(31), Attempt: int(n(32)), TaggedAs: s(33),
		PID: n(34), Executable: s(35), Role: s(36), User: s(37),
	}
}
