package db

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"

	"e2etap/internal/traffic"
)

// process is a process as its record has it.
type process struct {
	id, parent, pid, start    int64
	root                      bool
	executable, command, test string
}

// processID is 0 for a process that is not known.
func processID(p *traffic.Process) int64 {
	if p == nil {
		return 0
	}
	return p.ID
}

func appendProcess(b []byte, p *traffic.Process) []byte {
	b = append(b, byte(kindProcess), byte(boolInt(p.Root)))
	for _, v := range [...]int64{p.ID, processID(p.Parent), int64(p.PID), nanos(p.Start)} {
		b = binary.AppendVarint(b, v)
	}
	return appendStrings(b, p.Executable, jsonArray(p.Command), p.Test)
}

func (p *process) decode(d *decoder) {
	p.root = d.byte() != 0
	p.id, p.parent, p.pid, p.start = d.int(), d.int(), d.int(), d.int()
	p.executable, p.command, p.test = d.string(), d.string(), d.string()
}

func (w *writer) started(p *process) error {
	var err error
	executable, command, test := w.text(p.executable, &err), w.text(p.command, &err), w.tests.ref([]byte(p.test), &err).arg
	if err != nil {
		return err
	}
	return w.process.exec(p.id, w.run, p.parent, boolInt(p.root), p.pid, p.start, executable, command, test)
}

// jsonArray writes strings as a JSON array. What is not UTF-8 in them is replaced, as encoding/json does it.
func jsonArray(list []string) string {
	text, _ := json.Marshal(append([]string{}, list...)) // strings cannot fail
	return string(text)
}

// readProcesses returns the processes of a run by ID, linked to their parents.
func readProcesses(conn driver.Conn, run int64) (map[int64]*traffic.Process, error) {
	all, parents := map[int64]*traffic.Process{}, map[int64]int64{}
	err := eachRow(conn, `SELECT p.id, parent, root, pid, start_ns, e.value, c.value, t.name FROM process p
		LEFT JOIN string e ON e.id = executable LEFT JOIN string c ON c.id = command LEFT JOIN test t ON t.id = test
		WHERE run = ?`, func(row []driver.Value) error {
		n := func(i int) int64 { return row[i].(int64) }
		s := func(i int) string { v, _ := row[i].(string); return v }
		p := &traffic.Process{ID: n(0), Root: n(2) != 0, PID: int(n(3)), Start: timeOf(n(4)), Executable: s(5), Test: s(7)}
		all[p.ID], parents[p.ID] = p, n(1)
		return json.Unmarshal([]byte(s(6)), &p.Command)
	}, run)
	for id, p := range all {
		p.Parent = all[parents[id]]
	}
	return all, err
}
