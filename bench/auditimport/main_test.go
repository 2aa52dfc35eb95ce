//go:build linux

package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"e2etap/bench/internal/figures"
	"e2etap/internal/audit"
)

func TestParse(t *testing.T) {
	o, err := parse([]string{"-size", "500MB", "-set", "0", "-skip", "jq,DuckDB", "-report", "old=/a"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o.size != 500e6 || o.set != 0 || !o.skip["DuckDB"] || len(o.builds) != 1 || o.builds[0] != (build{"old", "/a"}) {
		t.Errorf("got %+v", o)
	}
	for _, bad := range []string{"-size=big", "-size=0", "-size=-1GB", "-size=1TB", "-rounds=0", "-report=/a", "audit.log"} {
		if _, err := parse([]string{bad}, io.Discard); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestSizesAreWrittenAsTheyAreGiven(t *testing.T) {
	for _, want := range []string{"1GB", "1500MB", "4kB", "7"} {
		var s size
		if err := s.Set(want); err != nil || s.String() != want {
			t.Errorf("%s: got %s, %v", want, s, err)
		}
	}
}

// A machine whose speed changes between rounds must not change the ratio.
func TestRatiosAreTakenWithinARound(t *testing.T) {
	of := func(cpu time.Duration) usage {
		return usage{cpu: cpu * time.Second, wall: 2 * cpu * time.Second, rss: 5e6}
	}
	r := results{
		subjects: []*subject{{name: "ours"}, {name: "other"}}, shapes: []shape{{lengths: []int{1}}},
		rounds: [][]usage{{of(1), of(2)}, {of(10), of(20)}, {of(5), of(10)}},
	}
	want := "| other | 10.00 (2.00–20.00) | 2.00 (2.00–2.00) | 20.00 (4.00–40.00) | 2.00 (2.00–2.00) | 50 (25–250) | 5 (5–5) |\n"
	if got := r.report(options{size: 1e9}, nil, figures.Now()); !strings.Contains(got, want) {
		t.Errorf("got\n%swant a line %q", got, want)
	}
}

func TestAnImportOfFewerEventsIsAnError(t *testing.T) {
	const text = "files,events,requests\n1,12,10\n"
	if err := checkCSV(text, 12); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{text[:22], strings.Replace(text, "12", "11", 1), ""} {
		if checkCSV(bad, 12) == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// The importer must take the files of a set in the order in which they were written.
func TestSetsAreRotatedLogs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	events, disk, err := writeSet(dir, 400e3)
	if err != nil {
		t.Fatal(err)
	}
	files, err := audit.Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	var last time.Time
	for i, file := range files {
		if filepath.Base(file) != rotated[i].name {
			t.Errorf("file %d is %s, want %s", i, file, rotated[i].name)
		}
		r, _, err := audit.Open(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = audit.Read(r, file, func(e *audit.Event) error {
			if e.At.Before(last) {
				t.Fatalf("%s: an event at %v after one at %v", file, e.At, last)
			}
			last = e.At
			read++
			return nil
		}, func(b audit.Broken) { t.Error(b) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if read != events || len(files) != len(rotated) || disk > 300e3 {
		t.Errorf("%d files with %d events on %d bytes, want %d with %d on fewer than 300,000", len(files), read, disk, len(rotated), events)
	}
}
