package conformance

import "testing"

func load(tb testing.TB, version string) Lists {
	tb.Helper()
	lists, _, err := Load(version)
	if err != nil {
		tb.Fatal(err)
	}
	return lists
}

func TestMatchFindsEveryTestByItsOwnName(t *testing.T) {
	lists := load(t, "v1.37")
	for _, want := range lists.Tests {
		if got, ok := lists.Match(want.Name); !ok || got != want {
			t.Errorf("%s: got %q, %t", want.Name, got.Name, ok)
		}
	}
}

// The suite of v1.36 has 446 conformance tests: 267 have the same names in v1.37, 176 others the same but for their
// tags' places, and 3 are no conformance tests there.
func TestMatchFindsTestsOfAnotherMinorWhoseTagsMoved(t *testing.T) {
	lists, same, moved := load(t, "v1.37"), 0, 0
	for _, test := range load(t, "v1.36").Tests {
		got, ok := lists.Match(test.Name)
		switch {
		case ok && got.Name == test.Name:
			same++
		case ok && got.File == test.File && got.Testname == test.Testname:
			moved++
		default:
			t.Logf("not found: %s", test.Name)
		}
	}
	if same != 267 || moved != 176 {
		t.Errorf("found %d and %d moved, want 267 and 176", same, moved)
	}
}

func TestMatchKnowsTestsApart(t *testing.T) {
	lists := Lists{Tests: []Test{{Name: "[sig-a] Pods should run on --port 0 [Conformance] [Serial]"}}}
	for name, want := range map[string]bool{
		"[sig-a] Pods should run on --port 0 [Conformance] [Serial]": true,
		"[sig-a] Pods [Serial] should run on --port 0 [Conformance]": true,
		"[sig-a] Pods should run on --port 0 [Conformance]":          false,
		"[sig-a] Pods should run on --port 0 [Serial]":               false,
		"[sig-b] Pods should run on --port 0 [Conformance] [Serial]": false,
		"[sig-a] should Pods run on --port 0 [Conformance] [Serial]": false,
		"Pods should run on --port 0":                                false,
		"":                                                           false,
	} {
		if _, ok := lists.Match(name); ok != want {
			t.Errorf("%q: got %t, want %t", name, ok, want)
		}
	}
}

func BenchmarkMatchMovedTags(b *testing.B) {
	lists, older := load(b, "v1.37"), load(b, "v1.36").Tests
	for b.Loop() {
		for _, test := range older {
			lists.Match(test.Name)
		}
	}
}
