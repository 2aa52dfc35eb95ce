package db

import (
	"database/sql/driver"
	"fmt"

	"e2etap/internal/traffic"
)

// Audited counts requests that only the audit log has and that are alike.
type Audited struct {
	Test     string // "" for requests of none
	Role     traffic.Role
	Client   string   // the program that the User-Agent names, see [traffic.Program]
	Endpoint Endpoint // without a method, and without what of it only tells operations apart; the path of what is no resource
	Status   int      // 0: not logged
}

// Audited counts what [Filter].Audit adds to the chosen requests, without these. It is empty where no log was imported, and then takes
// no time; else it reads the log's rows.
func (r *Reader) Audited(f Filter) (counts map[Audited]int64, err error) {
	counts = map[Audited]int64{}
	err = r.Snapshot(func() error {
		if logged, err := r.hasAudit(); err != nil || !logged {
			return err
		}
		return r.readFacts(f, func(c *condition, ends map[int64]endpointInfo, tests map[int64]string, texts *factTexts) error {
			return r.countAudited(c, func(test, role, client, endpoint, status, requests int64) error {
				agent, _, _, err := texts.of(client, 0, 0)
				counts[Audited{tests[test], traffic.Role(role), traffic.Program(agent), ends[endpoint].asked(), int(status)}] += requests
				return err
			})
		})
	})
	if err != nil {
		return nil, fmt.Errorf("count what only the audit log in %s has: %w", r.path, err)
	}
	return counts, nil
}

func (r *Reader) hasAudit() (bool, error) {
	var any int64
	err := queryInt(r.conn, `SELECT EXISTS (SELECT 1 FROM audit)`, &any)
	return any != 0, err
}

func (r *Reader) countAudited(c *condition, add func(test, role, client, endpoint, status, requests int64) error) error {
	where, args := c.onAudit()
	return eachRow(r.conn, `SELECT r.test, r.role, r.client, r.endpoint, r.status, count(*) FROM `+auditFrom+` WHERE `+where+` GROUP BY 1, 2, 3, 4, 5`,
		func(row []driver.Value) error {
			n := func(i int) int64 { return row[i].(int64) }
			return add(n(0), n(1), n(2), n(3), n(4), n(5))
		}, args...)
}

// asked is what of an endpoint is shown of a request that an audit log tells of.
func (e endpoint) asked() Endpoint {
	return Endpoint{Verb: e.verb, Group: e.group, Version: e.version, Resource: e.resource, Subresource: e.subresource, Path: e.path}
}
