package db

import (
	"database/sql/driver"
	"time"

	"e2etap/internal/traffic"
)

// recentSQL finds what a few rows refer to, each by its number: to read whole tables of what repeats, as [Reader.EachPoint] does, costs
// more than the rows.
const recentSQL = `SELECT r.id, r.start_ns, r.duration_ns, r.status, r.outcome, r.connection,
	e.method, e.verb, e.api_group, e.version, e.resource, e.subresource, namespace.value, name.value, path.value,
	q.watch, q.dry_run, q.field_manager, q.list_limit, q.label_selector, q.field_selector,
	error.value, test.name, a.source, a.why, a.phase, agent.value, command.value
FROM request r
LEFT JOIN endpoint e ON e.id = r.endpoint
LEFT JOIN string namespace ON namespace.id = r.namespace
LEFT JOIN string name ON name.id = r.name
LEFT JOIN string path ON path.id = r.path
LEFT JOIN query q ON q.id = r.query
LEFT JOIN string error ON error.id = r.error
LEFT JOIN test ON test.id = r.test
LEFT JOIN attribution a ON a.id = r.attribution
LEFT JOIN client c ON c.id = r.client
LEFT JOIN string agent ON agent.id = c.agent
LEFT JOIN string command ON command.id = c.kubectl_command
WHERE `

// recent reads the rows of a condition.
func (r *Reader) recent(where string, args ...driver.Value) (rows []Recent, err error) {
	err = eachRow(r.conn, recentSQL+where, func(row []driver.Value) error {
		rows = append(rows, recentOf(row))
		return nil
	}, args...)
	return rows, err
}

func recentOf(row []driver.Value) Recent {
	n := func(i int) int64 { v, _ := row[i].(int64); return v }
	s := func(i int) string { v, _ := row[i].(string); return v }
	v := Recent{
		ID: n(0), Start: timeOf(n(1)), Duration: time.Duration(n(2)), Status: int(n(3)), Outcome: traffic.Outcome(n(4)), Connection: n(5),
		Method: s(6), Verb: s(7), Group: s(8), Version: s(9), Resource: s(10), Subresource: s(11), Namespace: s(12), Name: s(13), Path: s(14),
		Query: traffic.Query{
			Watch: n(15) != 0, DryRun: s(16), FieldManager: s(17), Limit: n(18), LabelSelector: s(19), FieldSelector: s(20),
		},
		Error: s(21), Test: s(22), Source: traffic.Source(n(23)), Why: traffic.Why(n(24)), Phase: traffic.Phase(n(25)),
		Client: traffic.Program(s(26)), KubectlCommand: s(27),
	}
	if v.Path == "" {
		e := endpoint{verb: v.Verb, group: v.Group, version: v.Version, resource: v.Resource, subresource: v.Subresource}
		v.Path = e.usualPath(v.Namespace, v.Name)
	}
	return v
}
