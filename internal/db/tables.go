package db

import (
	"database/sql/driver"
	"errors"

	"e2etap/internal/traffic"
)

// idOf is in.id for a run of calls of which the first error counts.
func idOf[K interned[K]](in *interner[K], value K, err *error) int64 {
	if *err != nil {
		return 0
	}
	var id int64
	id, *err = in.id(value)
	return id
}

// textID is idOf for texts; the empty one is always there.
func textID(in *interner[text], s string, err *error) int64 {
	if s == "" {
		return 0
	}
	return idOf(in, text(s), err)
}

func (w *writer) prepareInterners() (err error) {
	str := w.statement(`INSERT INTO string VALUES (?, ?)`, &err)
	end := w.statement(`INSERT INTO endpoint VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	cli := w.statement(`INSERT INTO client VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	que := w.statement(`INSERT INTO query VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	con := w.statement(`INSERT INTO content VALUES (?, ?, ?)`, &err)
	tst := w.statement(`INSERT INTO test VALUES (?, ?)`, &err)
	w.tests = newInterner(func(id int64, v text) error { return tst.exec(id, string(v)) })
	w.strings = newInterner(func(id int64, v text) error { return str.exec(id, string(v)) })
	w.endpoints = newInterner(func(id int64, v endpoint) error {
		return end.exec(id, v.method, v.verb, v.group, v.version, v.resource, v.subresource)
	})
	w.clients = newInterner(func(id int64, v client) error {
		agent, test := splitAgent(v.UserAgent)
		var err error
		ids := [...]int64{
			textID(w.strings, agent, &err), textID(w.tests, test, &err), textID(w.strings, v.TestHeader, &err),
			textID(w.strings, v.KubectlCommand, &err), textID(w.strings, v.KubectlSession, &err),
		}
		if err != nil {
			return err
		}
		return cli.exec(id, ids[0], ids[1], ids[2], ids[3], ids[4], int64(v.Credential))
	})
	w.queries = newInterner(func(id int64, v query) error {
		return que.exec(id, boolInt(v.Watch), v.DryRun, v.FieldManager, v.Limit, v.LabelSelector, v.FieldSelector)
	})
	w.contents = newInterner(func(id int64, v content) error { return con.exec(id, v.request, v.response) })
	return err
}

// loadInterners tells the interners the values that were stored last.
func (w *writer) loadInterners() error {
	const last = ` ORDER BY id DESC LIMIT ?`
	return errors.Join(
		w.load(`SELECT id, value FROM string WHERE id > 0`+last, func(r []driver.Value) {
			w.strings.remember(r[0].(int64), text(r[1].(string)))
		}),
		w.load(`SELECT id, name FROM test WHERE id > 0`+last, func(r []driver.Value) {
			w.tests.remember(r[0].(int64), text(r[1].(string)))
		}),
		w.load(`SELECT id, method, verb, api_group, version, resource, subresource FROM endpoint`+last, func(r []driver.Value) {
			w.endpoints.remember(r[0].(int64), endpoint{
				r[1].(string), r[2].(string), r[3].(string), r[4].(string), r[5].(string), r[6].(string),
			})
		}),
		w.load(`SELECT c.id, a.value, t.name, h.value, k.value, s.value, c.credential FROM client c
			JOIN string a ON a.id = c.agent JOIN test t ON t.id = c.agent_test JOIN string h ON h.id = c.test_header
			JOIN string k ON k.id = c.kubectl_command JOIN string s ON s.id = c.kubectl_session
			ORDER BY c.id DESC LIMIT ?`, func(r []driver.Value) {
			w.clients.remember(r[0].(int64), client{
				UserAgent: joinAgent(r[1].(string), r[2].(string)), TestHeader: r[3].(string),
				KubectlCommand: r[4].(string), KubectlSession: r[5].(string), Credential: traffic.Credential(r[6].(int64)),
			})
		}),
		w.load(`SELECT id, watch, dry_run, field_manager, list_limit, label_selector, field_selector FROM query`+last, func(r []driver.Value) {
			w.queries.remember(r[0].(int64), query{
				Watch: r[1].(int64) != 0, DryRun: r[2].(string), FieldManager: r[3].(string),
				Limit: r[4].(int64), LabelSelector: r[5].(string), FieldSelector: r[6].(string),
			})
		}),
		w.load(`SELECT id, request_type, response_type FROM content`+last, func(r []driver.Value) {
			w.contents.remember(r[0].(int64), content{r[1].(string), r[2].(string)})
		}),
	)
}

// load calls do with at most internCount rows.
func (w *writer) load(sql string, do func([]driver.Value)) error {
	return eachRow(w.conn, sql, func(row []driver.Value) error {
		do(row)
		return nil
	}, int64(internCount))
}
