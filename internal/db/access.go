package db

import (
	"database/sql/driver"
	"fmt"
	"net/url"

	"e2etap/internal/traffic"
)

// Access is what some requests asked for, as far as that is a matter of authorization, and one status that they were answered with.
type Access struct {
	Test                         string // "" for requests without one
	Verb                         string // the API server's; the method in lower case for what is no resource
	Group, Resource, Subresource string
	Namespace                    string // that the path names, and of a namespace itself its name
	Name                         string // that the path or a list's or watch's metadata.name names; "" if names were not asked for
	Path                         string // of what is no resource, unescaped
	Status                       int
	Requests                     int64
}

// Accesses calls do with the different accesses of the chosen requests, with names of objects or without, until one call fails. The
// same may come more than once. Requests that were not answered by the API server are left out. It reads rows.
func (r *Reader) Accesses(f Filter, names bool, do func(*Access) error) error {
	err := r.Snapshot(func() error {
		ends, c, err := r.choose(f)
		if err != nil {
			return err
		}
		name := "0"
		if names {
			name = "r.name"
		}
		where, args := c.onRequest()
		var a Access
		return eachRow(r.conn, `SELECT g.endpoint, t.name, s.value, n.value, p.value, g.status, g.requests FROM (
			SELECT r.endpoint, r.test, r.namespace, `+name+` AS name, CASE WHEN e.resource = '' THEN r.path ELSE 0 END AS path, r.status,
				count(*) AS requests
			FROM `+requestFrom+` JOIN endpoint e ON e.id = r.endpoint WHERE `+where+notOurs+` GROUP BY 1, 2, 3, 4, 5, 6) g
			JOIN test t ON t.id = g.test JOIN string s ON s.id = g.namespace JOIN string n ON n.id = g.name JOIN string p ON p.id = g.path
			ORDER BY 1, 2, 3, 4, 5, 6`,
			func(row []driver.Value) error {
				a.fill(ends[row[0].(int64)].endpoint, row)
				return do(&a)
			}, args...)
	})
	if err != nil {
		return fmt.Errorf("read what the requests of %s asked for: %w", r.path, err)
	}
	return nil
}

// notOurs leaves out what the proxy said by itself, and what nobody said.
var notOurs = fmt.Sprintf(" AND r.status <> 0 AND r.outcome NOT IN (%d, %d)", traffic.Refused, traffic.UpstreamUnreachable)

func (a *Access) fill(e endpoint, row []driver.Value) {
	s := func(i int) string { return row[i].(string) }
	*a = Access{
		Test: s(1), Verb: e.verb, Group: e.group, Resource: e.resource, Subresource: e.subresource,
		Status: int(row[5].(int64)), Requests: row[6].(int64),
	}
	if e.resource == "" {
		a.Path = s(4)
		if plain, err := url.PathUnescape(a.Path); err == nil { // as the API server reads it
			a.Path = plain
		}
		return
	}
	if e.namespaced || e.resource == "namespaces" && e.named { // an audit log may have a body's
		a.Namespace = s(2)
	}
	if e.named {
		a.Name = s(3)
	}
}
