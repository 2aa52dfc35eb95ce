package spec

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzScannerIsIndifferentToCuts reads output in one piece and in two sizes of pieces: the events must be the same.
func FuzzScannerIsIndifferentToCuts(f *testing.F) {
	for _, name := range outputs {
		f.Add(readTestdata(f, name), byte(7), byte(64))
	}
	f.Add([]byte(colorHeader+passed), byte(1), byte(1))
	f.Fuzz(func(t *testing.T, output []byte, first, second byte) {
		var got []Event
		scanner := NewScanner(func(e Event) { got = append(got, e) })
		sizes := [2]int{int(first) + 1, int(second) + 1}
		for i, rest := 0, output; len(rest) > 0; i++ {
			n := min(sizes[i%2], len(rest))
			scanner.Scan(bytes.Clone(rest[:n]), noon)
			rest = rest[n:]
		}
		scanner.Close(noon)
		var want []Event
		whole := NewScanner(func(e Event) { want = append(want, e) })
		whole.Scan(output, noon)
		whole.Close(noon)
		if !reflect.DeepEqual(want, got) {
			t.Errorf("in pieces of %v; -whole +pieces:\n%s", sizes, cmp.Diff(want, got))
		}
		checkEvents(t, want)
	})
}

// checkEvents checks that each key's events begin at most once, end exactly once, and say the same name.
func checkEvents(t *testing.T, events []Event) {
	t.Helper()
	open := make(map[int64]string)
	ended := make(map[int64]bool)
	for _, e := range events {
		name, started := open[e.Key]
		switch {
		case ended[e.Key]:
			t.Errorf("%+v after its end", e)
		case started == (e.Kind == Started):
			if e.Kind != Ended || !e.Spec.Start.IsZero() {
				t.Errorf("%+v, started before: %t", e, started)
			}
		case started && name != e.Spec.Test:
			t.Errorf("%+v was called %q", e, name)
		}
		if e.Spec.Test == "" && e.Spec.Node == "" {
			t.Errorf("%+v has no name", e)
		}
		open[e.Key], ended[e.Key] = e.Spec.Test, e.Kind == Ended
	}
	for key := range open {
		if !ended[key] {
			t.Errorf("spec %d has no end", key)
		}
	}
}

// FuzzReadResults reads any content, of each format that there is a seed of: it gives specs or an error, never both, and
// the specs have names.
func FuzzReadResults(f *testing.F) {
	for _, name := range results {
		data := readTestdata(f, name)
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		specs, err := ReadResults(bytes.NewReader(data), "x")
		if (err != nil) && len(specs) > 0 {
			t.Errorf("%d specs with the error %v", len(specs), err)
		}
		for _, spec := range specs {
			if spec.Test == "" && spec.Node == "" {
				t.Errorf("%+v has no name", spec)
			}
			if spec.Duration < 0 {
				t.Errorf("%+v took less than nothing", spec)
			}
		}
	})
}
