package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"e2etap/internal/traffic"
)

// Fact is what the rows tell of one request beyond the sums of [Reader.Summarize] and [Reader.ByEndpoint], without its own texts.
type Fact struct {
	ID        int64
	Test      string // "" for a request without one
	UserAgent string
	Endpoint  Endpoint
	Namespace string
	Status    int // 0: no answer
	Duration  time.Duration
	Timed     bool // the duration counts: it is over, and not long-running
	BytesIn   int64
	BytesOut  int64
	Limit     int64  // of a list's query; 0: none. resourceVersion is not recorded
	Warnings  string // the API server's Warning headers, one a line
}

// Facts calls do with each of the chosen requests, in the order they were recorded, until one call fails. The Fact is the same
// every time. It reads every row, and nothing of what only an audit log has.
func (r *Reader) Facts(f Filter, do func(*Fact) error) error {
	err := r.readFacts(f, func(c *condition, ends map[int64]endpointInfo, tests map[int64]string, texts *factTexts) error {
		return r.eachFact(c, ends, tests, texts, do)
	})
	if err != nil {
		return fmt.Errorf("read requests of %s: %w", r.path, err)
	}
	return nil
}

// readFacts calls read with the condition of a filter, and with what the numbers in the rows that it chooses stand for.
func (r *Reader) readFacts(f Filter, read func(c *condition, ends map[int64]endpointInfo, tests map[int64]string, texts *factTexts) error) error {
	return r.Snapshot(func() error {
		ends, c, err := r.choose(f)
		if err != nil {
			return err
		}
		tests, err := r.tests(f.Runs)
		if err != nil {
			return err
		}
		texts, err := r.newFactTexts()
		if err != nil {
			return err
		}
		return errors.Join(read(&c, ends, tests, texts), texts.close())
	})
}

func (r *Reader) eachFact(c *condition, ends map[int64]endpointInfo, tests map[int64]string, texts *factTexts, do func(*Fact) error) error {
	where, args := c.onRequest()
	exported := make(map[int64]Endpoint, len(ends))
	for id, e := range ends {
		exported[id] = e.exported()
	}
	var fact Fact
	return eachRow(r.conn, `SELECT r.id, r.test, r.client, r.endpoint, r.namespace, r.status, r.duration_ns, r.outcome, r.bytes_in, r.bytes_out,
		coalesce(q.list_limit, 0), r.warnings FROM `+requestFrom+` LEFT JOIN query q ON q.id = r.query WHERE `+where+` ORDER BY r.id`,
		func(row []driver.Value) error {
			n := func(i int) int64 { return row[i].(int64) }
			agent, namespace, warnings, err := texts.of(n(2), n(4), n(11))
			if err != nil {
				return err
			}
			s := shareOf(ends[n(3)].traits(), traffic.Outcome(n(7)), n(8), n(9), time.Duration(n(6)))
			fact = Fact{
				ID: n(0), Test: tests[n(1)], UserAgent: agent, Endpoint: exported[n(3)], Namespace: namespace, Status: int(n(5)),
				Duration: s.duration, Timed: s.timed, BytesIn: s.bytesIn, BytesOut: s.bytesOut, Limit: n(10), Warnings: warnings,
			}
			return do(&fact)
		}, args...)
}

// factTexts finds the texts that rows refer to, and asks for each once.
type factTexts struct {
	g       grouping
	agents  map[int64]string
	strings map[int64]string
}

func (r *Reader) newFactTexts() (*factTexts, error) {
	t := &factTexts{g: grouping{reader: r}, agents: map[int64]string{}, strings: map[int64]string{}}
	if err := t.g.prepare(); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

func (t *factTexts) close() error { return t.g.close() }

func (t *factTexts) of(client, namespace, warnings int64) (agent, space, warned string, err error) {
	agent, ok := t.agents[client]
	if !ok {
		if agent, err = t.g.agent(client); err != nil {
			return "", "", "", err
		}
		t.agents[client] = agent
	}
	if space, err = t.text(namespace); err != nil {
		return "", "", "", err
	}
	warned, err = t.text(warnings)
	return agent, space, warned, err
}

func (t *factTexts) text(id int64) (string, error) {
	if s, ok := t.strings[id]; ok || id == 0 {
		return s, nil
	}
	s, err := textOf(t.g.texts, id)
	t.strings[id] = s
	return s, err
}
