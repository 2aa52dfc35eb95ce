package view

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

func TestRequestsAreInColumns(t *testing.T) {
	open := get(1600, 0, "one", "y")
	open.Duration, open.Outcome = 0, traffic.UpstreamUnreachable
	r, info := record(t, nil, open, get(1500, 200, "one", "x"), get(1, 200, "two", "x"))
	got, err := LoadRequests(r, info, NewIndex(), "one", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := &Columns{
		Test: "one", From: 1_500_000, Exact: true, Namespaces: []string{"a"}, Names: []string{"x", "y"},
		Kinds: []Kind{{200, "complete", "process", "", "body"}, {0, "upstream unreachable", "process", "", "body"}},
		Start: []uint32{0, 100_000}, Duration: []uint32{1500, 0}, Endpoint: []uint32{0, 0}, Kind: []uint32{0, 1},
		Namespace: []uint32{0, 0}, Name: []uint32{0, 1},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestRequestsComePageByPage(t *testing.T) {
	r, info := record(t, nil, get(1, 200, "one", "x"), get(2, 404, "one", "y"), get(3, 200, "one", "z"))
	var names []string
	for offset := range int64(4) {
		c, err := LoadRequests(r, info, NewIndex(), "one", offset, 1)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, c.Names...)
	}
	if !slices.Equal(names, []string{"x", "y", "z"}) {
		t.Errorf("%q, want x, y and z", names)
	}
}

func TestEachTestTellsOfEveryRequest(t *testing.T) {
	r, info := record(t, nil, get(1, 200, "one", "x"), get(2, 404, "two", "y"), get(3, 200, "one", "z"), get(4, 200, "", "z"))
	told, requests := 0, map[string]int{}
	err := EachTest(r, info, NewIndex(), Detail{}, func(*db.Point) { told++ }, func(c *Columns) error {
		requests[c.Test] += len(c.Start)
		if c.Names != nil {
			t.Errorf("names %q, want none without that detail", c.Names)
		}
		return nil
	})
	if d := cmp.Diff(map[string]int{"": 1, "one": 2, "two": 1}, requests); err != nil || d != "" || told != 4 {
		t.Errorf("told of %d requests, want 4; error %v; -want +got\n%s", told, err, d)
	}
}

func TestStepsOfDurationsAreGoodToFourAndAHalfPercent(t *testing.T) {
	b := newBuilder(start, NewIndex(), Detail{})
	for d := time.Microsecond; d < time.Hour; d = d*21/20 + time.Microsecond {
		step := b.duration(d)
		micros := math.Exp2(float64(step-1) / 8)
		if off := micros/float64(d.Microseconds()) - 1; off < -.045 || off > .045 {
			t.Errorf("%v became step %d, which is %.0f µs", d, step, micros)
		}
	}
	if b.duration(0) != 0 || b.duration(time.Nanosecond) == 0 {
		t.Error("0 must stand for requests without an end only")
	}
}

func TestPackedColumnsCanBeReadAgain(t *testing.T) {
	c := &Columns{
		Test: "one", From: -5, Namespaces: []string{"a", "b"}, Kinds: []Kind{{Status: 200}}, Start: []uint32{0, 300}, Duration: []uint32{7, 1 << 31},
		Endpoint: []uint32{9, 4}, Kind: []uint32{0, 0}, Namespace: []uint32{1, 0},
	}
	var p Packed
	if err := p.Pack(&Columns{Test: "before", Start: make([]uint32, 9)}); err != nil {
		t.Fatal(err)
	}
	if err := p.Pack(c); err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(p.Parts()...)
	length, n := binary.Uvarint(all)
	var header packedHeader
	if err := json.Unmarshal(all[n:n+int(length)], &header); err != nil {
		t.Fatal(err)
	}
	var numbers []uint32
	for rest := all[n+int(length):]; len(rest) > 0; {
		v, n := binary.Uvarint(rest)
		numbers, rest = append(numbers, uint32(v)), rest[n:]
	}
	if d := cmp.Diff([]uint32{0, 300, 7, 1 << 31, 0, 1, 0, 0, 1, 0}, numbers); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
	want := packedHeader{Requests: 2, Endpoints: []uint32{9, 4}, Test: "one", From: -5, Kinds: c.Kinds, Namespaces: c.Namespaces}
	if d := cmp.Diff(want, header); d != "" {
		t.Errorf("header (-want +got):\n%s", d)
	}
}
