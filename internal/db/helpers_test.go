package db

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"
	"time"
)

func queryReader(t testing.TB, r *Reader, sql string) []string {
	t.Helper()
	var lines []string
	err := eachRow(r.conn, sql, func(row []driver.Value) error {
		values := make([]any, len(row))
		for i, v := range row {
			values[i] = v
		}
		lines = append(lines, joinValues(values))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// joinValues writes a row of SQL values as one line.
func joinValues(values []any) string {
	var words []string
	for _, v := range values {
		if v == nil {
			v = "NULL"
		}
		words = append(words, fmt.Sprint(v))
	}
	return strings.Join(words, "|")
}

// hang is how long waitFor waits before it gives up: long enough beside other work on the same machine.
const hang = 2 * time.Minute

// waitFor waits until get returns want.
func waitFor(t testing.TB, get func() string, want string) {
	t.Helper()
	deadline := time.Now().Add(hang)
	for got := get(); got != want; got = get() {
		if time.Now().After(deadline) {
			t.Fatalf("got %q at last, want %q", got, want)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func checkIntegrity(t testing.TB, path string) {
	t.Helper()
	if got := ask(t, path, `PRAGMA integrity_check`); len(got) != 1 || got[0] != "ok" {
		t.Errorf("integrity_check: %q", got)
	}
}

func driverValues(args []any) []driver.Value {
	values := make([]driver.Value, len(args))
	for i, v := range args {
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		values[i] = v
	}
	return values
}
