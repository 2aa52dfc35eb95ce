package db

import "database/sql/driver"

// endpointCounter counts different endpoints, of which the recording may have several rows that count as one. It asks for a row once.
type endpointCounter struct {
	load    *statement
	numbers []int32 // by ID; 0: not asked for
	known   map[endpoint]int32
	seen    bitset // by count
}

func newEndpointCounter(conn driver.Conn) (*endpointCounter, error) {
	load, err := prepare(conn, `SELECT `+endpointColumns+` FROM endpoint WHERE id = ?`)
	return &endpointCounter{load: load, known: map[endpoint]int32{}}, err
}

func (c *endpointCounter) close() error {
	if c == nil {
		return nil
	}
	return c.load.close()
}

// count counts the different endpoints of parts in order.
func (c *endpointCounter) count(order []part) (int64, error) {
	if len(c.known) > internCount {
		c.numbers = nil
		clear(c.known)
	}
	clear(c.seen)
	last := int64(-1)
	for _, p := range order {
		if p.endpoint == last {
			continue
		}
		last = p.endpoint
		n, err := c.number(p.endpoint)
		if err != nil {
			return 0, err
		}
		c.seen.add(n)
	}
	return c.seen.count(), nil
}

// number is the same for endpoints that count as one.
func (c *endpointCounter) number(id int64) (int, error) {
	if id < int64(len(c.numbers)) && c.numbers[id] > 0 {
		return int(c.numbers[id]), nil
	}
	if id < 0 || id > maxEndpoint {
		return 0, errParts
	}
	var e endpoint
	row := make([]driver.Value, endpointColumnCount)
	found, err := c.load.queryRow(row, id)
	if err != nil {
		return 0, err
	}
	if found {
		_, e = endpointRow(row)
		e = e.counted()
	}
	n, ok := c.known[e]
	if !ok {
		n = int32(len(c.known) + 1)
		c.known[e] = n
	}
	for int64(len(c.numbers)) <= id {
		c.numbers = append(c.numbers, 0)
	}
	c.numbers[id] = n
	return int(n), nil
}
