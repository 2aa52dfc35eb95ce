package spec

import (
	"bytes"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// FuzzReadLog reads any log: it gives specs or an error, never both, no spec ends before it starts, none that nothing stamps
// has a time, and how the reader cuts the log does not matter.
func FuzzReadLog(f *testing.F) {
	for _, name := range outputs {
		f.Add(readTestdata(f, name))
		f.Add([]byte(collected(string(readTestdata(f, name)))))
	}
	for _, name := range []string{"entries.log.gz", "lines.log.gz"} {
		f.Add(unzip(f, "testdata/predecessor/"+name)[:20_000])
	}
	f.Add([]byte(banner2 + spec2("a", 3, step("12:00:00"), klog("12:00:01.000000", 7), info("11:00:00.000"))))
	f.Add([]byte(parallel2 + block2("a", 3, step("12:00:00"), "2026/06/05 12:00:00 x", "2026-06-05T12:00:00Z x")))
	f.Add([]byte("2000-01-Z T00:00:00Z x"))
	f.Fuzz(func(t *testing.T, log []byte) {
		specs, err := ReadLog(bytes.NewReader(log), "x", june)
		if err != nil && len(specs) > 0 {
			t.Errorf("%d specs with the error %v", len(specs), err)
		}
		for _, s := range specs {
			if s.Test == "" && s.Node == "" {
				t.Errorf("%+v has no name", s)
			}
			if !s.Start.IsZero() && !s.End.IsZero() && s.End.Before(s.Start) {
				t.Errorf("%+v ends before it starts", s)
			}
		}
		again, _ := ReadLog(iotest.HalfReader(bytes.NewReader(log)), "x", june)
		if diff := cmp.Diff(specs, again); diff != "" {
			t.Errorf("in pieces; -whole +pieces:\n%s", diff)
		}
	})
}

func TestLineBeyondTheBufferIsOneLine(t *testing.T) {
	long := "text " + string(bytes.Repeat([]byte("Jun  5 11:00:00.000: INFO: x "), maxLine/10))
	log := banner2 + spec2("a", 3600, step("12:00:00"), long, step("12:00:02"))
	if diff := cmp.Diff([]string{"a 12:00:00 12:00:02"}, timesOf(t, log)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
