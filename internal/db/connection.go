package db

import (
	"database/sql/driver"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// connection is a client connection as its record has it.
type connection struct {
	id, opened, process       int64
	remote, protocol, unknown string
}

func appendConnection(b []byte, c *traffic.Connection) []byte {
	b = append(b, byte(kindConnection))
	for _, v := range [...]int64{c.ID, nanos(c.Opened), processID(c.Process)} {
		b = binary.AppendVarint(b, v)
	}
	return appendStrings(b, c.Remote, c.Protocol, c.Unknown)
}

func (c *connection) decode(d *decoder) {
	c.id, c.opened, c.process = d.int(), d.int(), d.int()
	c.remote, c.protocol, c.unknown = d.string(), d.string(), d.string()
}

func (w *writer) connected(c *connection) error {
	var port driver.Value
	var err error
	host, number, ok := splitPort(c.remote)
	if ok {
		port = number
	}
	remote, protocol, unknown := w.text(host, &err), w.text(c.protocol, &err), w.text(c.unknown, &err)
	if err != nil {
		return err
	}
	return w.connection.exec(c.id, w.run, c.opened, remote, port, protocol, c.process, unknown)
}

// text returns the ID of a string.
func (w *writer) text(s string, err *error) driver.Value { return w.strings.ref([]byte(s), err).arg }

// splitPort parts an address from its port, if it has one in the usual form.
func splitPort(address string) (host string, port int64, ok bool) {
	i := strings.LastIndexByte(address, ':')
	port, err := strconv.ParseInt(address[i+1:], 10, 64)
	if i < 0 || err != nil || strconv.FormatInt(port, 10) != address[i+1:] {
		return address, 0, false
	}
	return address[:i], port, true
}

// timeOrNull is the stored form of a time that may not be known.
func timeOrNull(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return nanos(t)
}
