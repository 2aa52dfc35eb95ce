package audit

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"e2etap/internal/audit/synthetic"
	"e2etap/internal/traffic"
)

// busyLog returns a log of so many bytes, at least.
func busyLog(b *testing.B, size int64) []byte {
	var log bytes.Buffer
	if _, err := synthetic.New(1).Write(&log, size); err != nil {
		b.Fatal(err)
	}
	return log.Bytes()
}

// The aim is 200 MB/s on one core.
func BenchmarkRead(b *testing.B) {
	log := busyLog(b, 24e6)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		do := func(*Event) error { return nil }
		if err := Read(bytes.NewReader(log), "log", do, func(bad Broken) { b.Fatal(bad) }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAndFold(b *testing.B) {
	log := busyLog(b, 24e6)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		folder := NewFolder(func(*traffic.Audit) error { return nil })
		if err := Read(bytes.NewReader(log), "log", folder.Add, func(bad Broken) { b.Fatal(bad) }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncodingJSON is what Read's parser is measured against.
func BenchmarkEncodingJSON(b *testing.B) {
	log := busyLog(b, 2400e3)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		for decoder := json.NewDecoder(bytes.NewReader(log)); ; {
			var event reference
			if err := decoder.Decode(&event); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkReadPretty(b *testing.B) {
	var items []json.RawMessage
	for line := range strings.Lines(string(busyLog(b, 2400e3))) {
		items = append(items, json.RawMessage(line))
	}
	log, err := json.MarshalIndent(map[string]any{"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": items}, "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		do := func(*Event) error { return nil }
		if err := Read(bytes.NewReader(log), "log", do, func(bad Broken) { b.Fatal(bad) }); err != nil {
			b.Fatal(err)
		}
	}
}
