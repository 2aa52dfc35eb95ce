package view

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// BenchmarkLive answers what a page asks a busy proxy twice a second: 1,000 new requests of a run of 100,000, of which it sends 100.
func BenchmarkLive(b *testing.B) {
	path := filepath.Join(b.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Start: start}, db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	const rows = 100_000
	for i := range rows {
		q := get(i, 200, fmt.Sprintf("[sig-node] Pods %d should run as the specification says [Conformance]", i/200), fmt.Sprint("pod-", i))
		if err := rec.Finish(&q); err != nil {
			b.Fatal(err)
		}
	}
	defer rec.Close(traffic.RunEnd{End: time.Now()})
	answer := func() *Live {
		r, err := db.OpenReader(path)
		if err != nil {
			b.Fatal(err)
		}
		defer r.Close()
		info, err := r.Run(db.LatestRun)
		if err != nil {
			b.Fatal(err)
		}
		live, err := LoadLive(r, info, LiveQuery{After: rows - 1000, Limit: 100})
		if err != nil {
			b.Fatal(err)
		}
		return live
	}
	for answer().Last < rows {
		time.Sleep(10 * time.Millisecond)
	}
	for b.Loop() {
		if _, err := json.Marshal(answer()); err != nil {
			b.Fatal(err)
		}
	}
}
