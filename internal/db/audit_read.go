package db

import (
	"database/sql/driver"
	"math"
	"time"

	"e2etap/internal/traffic"
)

// Pair is what a recording and an imported audit log say of one request.
type Pair struct {
	// Request has its ID, start, duration, path, verb, group, version, resource, subresource, namespace, name, status, outcome,
	// User-Agent, credential, test, what it was tagged as, and audit ID.
	Request traffic.Request
	Audit   *traffic.Audit // nil: the log has no such request
}

// EachPair calls do with every request of a run in the order of their start, until one call fails. What do gets is the same
// variable every time. Requests with one audit ID have one Audit.
func (r *Reader) EachPair(run int64, do func(*Pair) error) error {
	k, err := r.auditKnowledge()
	if err != nil {
		return err
	}
	var p Pair
	var a traffic.Audit
	return eachRow(r.conn, `SELECT `+auditSelect+`, r.id, r.start_ns, r.duration_ns, r.endpoint, rn.value, rm.value, r.path, rp.value,
		r.status, r.outcome, r.client, rt.name, r.audit_id, test.name
		FROM request r JOIN string rn ON rn.id = r.namespace JOIN string rm ON rm.id = r.name JOIN string rp ON rp.id = r.path
		JOIN test rt ON rt.id = r.tagged_as JOIN test ON test.id = r.test LEFT JOIN audit a ON a.audit_id = r.audit_id`+auditJoins+`
		WHERE r.run = ? AND `+fromFirst([]int64{run})+` ORDER BY r.start_ns, r.id`,
		func(row []driver.Value) error {
			p.Audit = nil
			if row[0] != nil {
				k.audit(&a, row)
				p.Audit = &a
			}
			k.request(&p.Request, row[auditSelected:])
			return do(&p)
		}, run)
}

// EachUnrecorded calls do with every request of the audit log that was received in a span of time and is of no run, until one
// call fails. Zero is no bound. What do gets is the same variable every time.
func (r *Reader) EachUnrecorded(from, to time.Time, do func(*traffic.Audit) error) error {
	return r.eachUnrecorded(from, to, func(_ int64, a *traffic.Audit) error { return do(a) })
}

// eachUnrecorded gives the row's ID, too.
func (r *Reader) eachUnrecorded(from, to time.Time, do func(id int64, a *traffic.Audit) error) error {
	k, err := r.auditKnowledge()
	if err != nil {
		return err
	}
	first, last := nanos(from), nanos(to)
	if last == 0 {
		last = math.MaxInt64
	}
	recorded, err := r.recordedAudits(first, last)
	if err != nil {
		return err
	}
	var a traffic.Audit
	return eachRow(r.conn, `SELECT `+auditSelect+` FROM audit a`+auditJoins+` WHERE a.received_ns BETWEEN ? AND ? ORDER BY a.received_ns, a.id`,
		func(row []driver.Value) error {
			id := row[0].(int64)
			if recorded[id] {
				return nil
			}
			k.audit(&a, row)
			return do(id, &a)
		}, first, last)
}

// recordedAudits are the IDs of the log's rows that a run has which was going on in a span of time, or may have been: runs' times are by
// other clocks than the log's. The recording has no index on audit IDs, which would cost its writer too much; so the rows of those
// runs are looked up in audit.
func (r *Reader) recordedAudits(from, to int64) (map[int64]bool, error) {
	recorded := map[int64]bool{}
	apart := int64(clocksApart)
	err := eachRow(r.conn, `SELECT a.id FROM request r JOIN audit a ON a.audit_id = r.audit_id
		WHERE r.run IN (SELECT id FROM run WHERE start_ns - ? <= ? AND (end_ns IS NULL OR end_ns + ? >= ?))`,
		func(row []driver.Value) error {
			recorded[row[0].(int64)] = true
			return nil
		}, apart, to, apart, from)
	return recorded, err
}

// clocksApart is how far the clocks of an API server and of a run may differ: time zones lie up to 26 hours apart.
const clocksApart = 26 * time.Hour

// AuditSpan tells when the imported audit log's first and last request were received; zero if there is no log.
func (r *Reader) AuditSpan() (first, last time.Time, err error) {
	err = eachRow(r.conn, `SELECT coalesce(min(received_ns), 0), coalesce(max(received_ns), 0) FROM audit WHERE received_ns > 0`,
		func(row []driver.Value) error {
			first, last = timeOf(row[0].(int64)), timeOf(row[1].(int64))
			return nil
		})
	return first, last, err
}

const (
	auditSelect = `a.id, a.audit_id, a.received_ns, a.completed_ns, a.stages, a.endpoint, an.value, am.value, a.path, ap.value,
		au.value, ai.value, asource.value, a.client, a.status`
	auditSelected = 15
	auditJoins    = ` LEFT JOIN string an ON an.id = a.namespace LEFT JOIN string am ON am.id = a.name LEFT JOIN string ap ON ap.id = a.path
		LEFT JOIN string au ON au.id = a.user LEFT JOIN string ai ON ai.id = a.impersonated LEFT JOIN string asource ON asource.id = a.source`
)

// auditKnowledge is what rows refer to that is few enough to be kept.
type auditKnowledge struct {
	endpoints map[int64]endpointInfo
	clients   map[int64]traffic.Client
}

func (r *Reader) auditKnowledge() (k auditKnowledge, err error) {
	if k.endpoints, err = readEndpoints(r.conn); err != nil {
		return k, err
	}
	k.clients = map[int64]traffic.Client{}
	err = eachClient(r.conn, func(id, _ int64, c traffic.Client) { k.clients[id] = c })
	return k, err
}

// asked is what a row's endpoint, namespace, name and path (its ID and value) stand for.
func (k *auditKnowledge) asked(row []driver.Value) (api traffic.API, path string) {
	e := k.endpoints[row[0].(int64)].endpoint
	api = traffic.API{
		Verb: e.verb, Group: e.group, Version: e.version, Resource: e.resource, Subresource: e.subresource,
		Namespace: row[1].(string), Name: row[2].(string),
	}
	if row[3] != int64(0) {
		return api, row[4].(string)
	}
	return api, e.usualPath(api.Namespace, api.Name)
}

func (k *auditKnowledge) audit(a *traffic.Audit, row []driver.Value) {
	completed, _ := row[3].(int64)
	*a = traffic.Audit{
		ID: auditText(row[1]), Received: timeOf(row[2].(int64)), Completed: timeOf(completed), Stages: traffic.AuditStages(row[4].(int64)),
		User: row[10].(string), Impersonated: row[11].(string), UserAgent: k.clients[row[13].(int64)].UserAgent, Status: int(row[14].(int64)),
	}
	if source := row[12].(string); source != "" {
		a.SourceIPs = []string{source}
	}
	a.API, a.Path = k.asked(row[5:])
}

func (k *auditKnowledge) request(q *traffic.Request, row []driver.Value) {
	*q = traffic.Request{
		ID: row[0].(int64), Start: timeOf(row[1].(int64)), Duration: time.Duration(row[2].(int64)), Status: int(row[8].(int64)),
		Outcome: traffic.Outcome(row[9].(int64)), Client: k.clients[row[10].(int64)], TaggedAs: row[11].(string), AuditID: auditText(row[12]),
	}
	q.API, q.Path = k.asked(row[3:])
	q.Test = row[13].(string)
}

// auditText is the reverse of auditKey.
func auditText(stored driver.Value) string {
	switch id := stored.(type) {
	case []byte:
		if len(id) == 16 {
			return formatUUID([16]byte(id))
		}
		return string(id)
	case string:
		return id
	}
	return ""
}
