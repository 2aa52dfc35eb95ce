package db

import (
	"database/sql/driver"
	"strconv"
	"strings"

	"e2etap/internal/traffic"
)

func (w *writer) connected(c *traffic.Connection) error {
	var pid, start, executable, port driver.Value
	var err error
	str := func(s string) driver.Value { return w.strings.ref([]byte(s), &err).arg }
	if c.PID != 0 {
		pid = int64(c.PID)
	}
	if !c.ProcessStart.IsZero() {
		start = nanos(c.ProcessStart)
	}
	if c.Executable != "" {
		executable = str(c.Executable)
	}
	host, number, ok := splitPort(c.Remote)
	if ok {
		port = number
	}
	remote, protocol := str(host), str(c.Protocol)
	if err != nil {
		return err
	}
	return w.connection.exec(c.ID, w.run, nanos(c.Opened), remote, port, protocol, pid, start, executable)
}

// splitPort parts an address from its port, if it has one in the usual form.
func splitPort(address string) (host string, port int64, ok bool) {
	i := strings.LastIndexByte(address, ':')
	port, err := strconv.ParseInt(address[i+1:], 10, 64)
	if i < 0 || err != nil || strconv.FormatInt(port, 10) != address[i+1:] {
		return address, 0, false
	}
	return address[:i], port, true
}
