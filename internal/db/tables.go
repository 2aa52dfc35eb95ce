package db

import (
	"database/sql/driver"
	"errors"
	"strings"

	"e2etap/internal/traffic"
)

func (w *writer) prepareInterners() (err error) {
	text := func(table string) *interner {
		rows := w.bulk(table, 2, &err)
		w.bulks = append(w.bulks, rows)
		return newInterner(func(r *ref, key []byte) error { return rows.insert(r.arg, string(key)) })
	}
	w.strings, w.tests = text("string"), text("test")
	end := w.statement(`INSERT INTO endpoint (`+endpointColumns+`) VALUES (?`+strings.Repeat(", ?", endpointColumnCount-1)+`)`, &err)
	cli := w.statement(`INSERT INTO client VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	que := w.statement(`INSERT INTO query VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	att := w.statement(`INSERT INTO attribution VALUES (?, ?, ?, ?, ?, ?, ?)`, &err)
	con := w.statement(`INSERT INTO content VALUES (?, ?, ?)`, &err)
	w.endpoints = newInterner(func(r *ref, key []byte) error { return w.storeEndpoint(end, r, key) })
	w.clients = newInterner(func(r *ref, key []byte) error { return w.storeClient(cli, r, key) })
	w.queries = newInterner(func(r *ref, key []byte) error {
		v, err := decodeQuery(key)
		if err != nil {
			return err
		}
		return que.exec(r.arg, boolInt(v.Watch), v.DryRun, v.FieldManager, v.Limit, v.LabelSelector, v.FieldSelector)
	})
	w.attributions = newInterner(func(r *ref, key []byte) error {
		v, err := decodeAttribution(key)
		if err != nil {
			return err
		}
		r.source = int64(v.Source)
		return att.exec(r.arg, r.source, int64(v.Agreed), int64(v.Disagreed), int64(v.Why), int64(v.Phase), int64(v.Attempt))
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

// maxPaths is how many new paths of what is no resource a writer keeps: a scanner's would fill the table.
const maxPaths = 1000

// storeEndpoint makes r stand for an endpoint without its path once there are too many paths.
func (w *writer) storeEndpoint(into *statement, r *ref, key []byte) error {
	v, err := decodeEndpoint(key)
	if err != nil {
		return err
	}
	if cut := cutPath(v.path); v.path != "" && v.path != cut {
		if w.paths == maxPaths {
			v.path = cut
			*r = *w.endpoints.ref(v.append(nil), &err)
			return err
		}
		w.paths++
	}
	r.traits = v.traits()
	return into.exec(r.arg, v.method, v.verb, v.group, v.version, v.resource, v.subresource,
		boolInt(v.namespaced), boolInt(v.named), boolInt(v.subPath), v.path)
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
		w.load(`SELECT `+endpointColumns+` FROM endpoint`+last, func(r []driver.Value) {
			id, v := endpointRow(r)
			known := newRef(id)
			known.traits = v.traits()
			w.endpoints.remember(known, v.append(nil))
		}),
		eachClient(w.conn, func(id, test int64, c traffic.Client) {
			known := newRef(id)
			known.test = newRef(test)
			w.clients.remember(known, client(c).append(nil))
		}, int64(internCount)),
		w.load(`SELECT id, watch, dry_run, field_manager, list_limit, label_selector, field_selector FROM query`+last, func(r []driver.Value) {
			w.queries.remember(newRef(r[0].(int64)), query(queryOf(r)).append(nil))
		}),
		eachAttribution(w.conn, func(id int64, a attribution) {
			known := newRef(id)
			known.source = int64(a.Source)
			w.attributions.remember(known, a.append(nil))
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

// eachClient calls do with the clients that were stored last, at most so many (all, without a limit), and the ID of the test
// that the User-Agent names.
func eachClient(conn driver.Conn, do func(id, test int64, c traffic.Client), limit ...driver.Value) error {
	if limit == nil {
		limit = []driver.Value{int64(-1)}
	}
	return eachRow(conn, `SELECT c.id, a.value, t.name, h.value, k.value, s.value, c.credential, t.id FROM client c
		JOIN string a ON a.id = c.agent JOIN test t ON t.id = c.agent_test JOIN string h ON h.id = c.test_header
		JOIN string k ON k.id = c.kubectl_command JOIN string s ON s.id = c.kubectl_session
		ORDER BY c.id DESC LIMIT ?`, func(r []driver.Value) error {
		do(r[0].(int64), r[7].(int64), traffic.Client{
			UserAgent: joinAgent(r[1].(string), r[2].(string)), TestHeader: r[3].(string),
			KubectlCommand: r[4].(string), KubectlSession: r[5].(string), Credential: traffic.Credential(r[6].(int64)),
		})
		return nil
	}, limit...)
}

// queryOf reads a row of the table query.
func queryOf(r []driver.Value) traffic.Query {
	return traffic.Query{
		Watch: r[1].(int64) != 0, DryRun: r[2].(string), FieldManager: r[3].(string),
		Limit: r[4].(int64), LabelSelector: r[5].(string), FieldSelector: r[6].(string),
	}
}

// eachAttribution calls do with every one that is stored: there are few.
func eachAttribution(conn driver.Conn, do func(id int64, a attribution)) error {
	return eachRow(conn, `SELECT id, source, agreed, disagreed, why, phase, attempt FROM attribution`, func(r []driver.Value) error {
		n := func(i int) int64 { return r[i].(int64) }
		do(n(0), attribution{
			Source: traffic.Source(n(1)), Agreed: traffic.SourceSet(n(2)), Disagreed: traffic.SourceSet(n(3)),
			Why: traffic.Why(n(4)), Phase: traffic.Phase(n(5)), Attempt: int(n(6)),
		})
		return nil
	})
}
