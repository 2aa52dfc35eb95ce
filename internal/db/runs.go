package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// Names that stand for runs in [Reader.SelectRuns], so that no run can have them.
const (
	LatestRun = "latest"
	AllRuns   = "all"
)

func runInfo(row []driver.Value) (RunInfo, error) {
	i := RunInfo{
		ID: row[0].(int64),
		Run: traffic.Run{
			Name: row[1].(string), Context: row[3].(string), Server: row[4].(string), ServerVersion: row[5].(string),
			ToolVersion: row[6].(string), Start: timeOf(row[7].(int64)), Pattern: row[13].(string), Uncertainty: time.Duration(row[14].(int64)),
		},
		End: timeOf(row[8].(int64)), ExitCode: int(row[9].(int64)), Lost: row[10].(int64),
		Requests: row[11].(int64), Tests: row[12].(int64), Specs: row[15].(int64), Revision: row[16].(int64),
	}
	if err := json.Unmarshal([]byte(row[2].(string)), &i.Command); err != nil {
		return i, fmt.Errorf("command of run %q: %w", i.Name, err)
	}
	return i, nil
}

// SelectRuns returns the IDs of the runs that a name stands for: that run, the [LatestRun], or [AllRuns].
func (r *Reader) SelectRuns(name string) ([]int64, error) {
	var ids []int64
	var names []string
	err := eachRow(r.conn, `SELECT id, name FROM run ORDER BY id`, func(row []driver.Value) error {
		ids, names = append(ids, row[0].(int64)), append(names, row[1].(string))
		return nil
	})
	switch i := slices.Index(names, name); {
	case err != nil, name == AllRuns, len(ids) == 0:
		return ids, err
	case name == LatestRun:
		return ids[len(ids)-1:], nil
	case i >= 0:
		return ids[i : i+1], nil
	}
	return nil, fmt.Errorf("no run named %q in %s\nhint: it has %s", name, r.path, strings.Join(names, ", "))
}

// timeOf is the reverse of nanos.
func timeOf(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
