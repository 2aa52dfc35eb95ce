package db

import (
	"database/sql/driver"
	"errors"

	"e2etap/internal/traffic"
)

func (w *writer) prepareInterners() (err error) {
	text := func(table string) *interner {
		rows := w.bulk(table, 2, &err)
		w.bulks = append(w.bulks, rows)
		return newInterner(func(r *ref, key []byte) error { return rows.insert(r.arg, string(key)) })
	}
	w.strings, w.tests = text("string"), text("test")
	end := w.statement(`INSERT INTO endpoint VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	cli := w.statement(`INSERT INTO client VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	que := w.statement(`INSERT INTO query VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	con := w.statement(`INSERT INTO content VALUES (?, ?, ?)`, &err)
	w.endpoints = newInterner(func(r *ref, key []byte) error {
		v, err := decodeEndpoint(key)
		if err != nil {
			return err
		}
		r.traits = v.traits()
		return end.exec(r.arg, v.method, v.verb, v.group, v.version, v.resource, v.subresource)
	})
	w.clients = newInterner(func(r *ref, key []byte) error { return w.storeClient(cli, r, key) })
	w.queries = newInterner(func(r *ref, key []byte) error {
		v, err := decodeQuery(key)
		if err != nil {
			return err
		}
		return que.exec(r.arg, boolInt(v.Watch), v.DryRun, v.FieldManager, v.Limit, v.LabelSelector, v.FieldSelector)
	})
	w.contents = newInterner(func(r *ref, key []byte) error {
		v, err := decodeContent(key)
		if err != nil {
			return err
		}
		return con.exec(r.arg, v.request, v.response)
	})
	return err
}

func (w *writer) storeClient(into *statement, r *ref, key []byte) error {
	v, err := decodeClient(key)
	if err != nil {
		return err
	}
	str := func(s string) driver.Value { return w.strings.ref([]byte(s), &err).arg }
	agent, test := splitAgent(v.UserAgent)
	r.test = w.tests.ref([]byte(test), &err)
	ids := [...]driver.Value{str(agent), r.test.arg, str(v.TestHeader), str(v.KubectlCommand), str(v.KubectlSession)}
	if err != nil {
		return err
	}
	return into.exec(r.arg, ids[0], ids[1], ids[2], ids[3], ids[4], int64(v.Credential))
}

// loadInterners tells the interners the values that were stored last.
func (w *writer) loadInterners() error {
	const last = ` ORDER BY id DESC LIMIT ?`
	text := func(in *interner) func([]driver.Value) {
		return func(r []driver.Value) { in.remember(newRef(r[0].(int64)), []byte(r[1].(string))) }
	}
	return errors.Join(
		w.load(`SELECT id, value FROM string WHERE id > 0`+last, text(w.strings)),
		w.load(`SELECT id, name FROM test WHERE id > 0`+last, text(w.tests)),
		w.load(`SELECT id, method, verb, api_group, version, resource, subresource FROM endpoint`+last, func(r []driver.Value) {
			v := endpoint{r[1].(string), r[2].(string), r[3].(string), r[4].(string), r[5].(string), r[6].(string)}
			known := newRef(r[0].(int64))
			known.traits = v.traits()
			w.endpoints.remember(known, v.append(nil))
		}),
		w.load(`SELECT c.id, a.value, t.name, h.value, k.value, s.value, c.credential, t.id FROM client c
			JOIN string a ON a.id = c.agent JOIN test t ON t.id = c.agent_test JOIN string h ON h.id = c.test_header
			JOIN string k ON k.id = c.kubectl_command JOIN string s ON s.id = c.kubectl_session
			ORDER BY c.id DESC LIMIT ?`, func(r []driver.Value) {
			known := newRef(r[0].(int64))
			known.test = newRef(r[7].(int64))
			w.clients.remember(known, client{
				UserAgent: joinAgent(r[1].(string), r[2].(string)), TestHeader: r[3].(string),
				KubectlCommand: r[4].(string), KubectlSession: r[5].(string), Credential: traffic.Credential(r[6].(int64)),
			}.append(nil))
		}),
		w.load(`SELECT id, watch, dry_run, field_manager, list_limit, label_selector, field_selector FROM query`+last, func(r []driver.Value) {
			w.queries.remember(newRef(r[0].(int64)), query{
				Watch: r[1].(int64) != 0, DryRun: r[2].(string), FieldManager: r[3].(string),
				Limit: r[4].(int64), LabelSelector: r[5].(string), FieldSelector: r[6].(string),
			}.append(nil))
		}),
		w.load(`SELECT id, request_type, response_type FROM content`+last, func(r []driver.Value) {
			w.contents.remember(newRef(r[0].(int64)), content{r[1].(string), r[2].(string)}.append(nil))
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
