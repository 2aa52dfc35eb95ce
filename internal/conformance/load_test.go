package conformance

import (
	"strings"
	"testing"
)

func TestLoadTakesTheServersMinorOrTheNearestOlder(t *testing.T) {
	for _, test := range []struct {
		server, lists string
		exact         bool
	}{
		{"v1.37.2", "v1.37", true},
		{"1.37", "v1.37", true},
		{"v1.36.3-gke.1200+abc", "v1.36", true},
		{"v1.35+", "v1.35", true},
		{"v1.38.0-alpha.1", "v1.37", false},
		{"v2.0.0", "v1.37", false},
		{"v1.9.11", "v1.35", false},
	} {
		lists, exact, err := Load(test.server)
		if err != nil || lists.Version != test.lists || exact != test.exact {
			t.Errorf("%s: got %s, %t, %v, want %s, %t", test.server, lists.Version, exact, err, test.lists, test.exact)
		}
	}
}

func TestLoadRefusesWhatIsNoVersion(t *testing.T) {
	for _, version := range []string{"", "v1", "v1.", "latest", "v1.x"} {
		_, _, err := Load(version)
		if err == nil || !strings.Contains(err.Error(), `"`+version+`" of Kubernetes: want one like v1.37.2`) {
			t.Errorf("%q: got %v, want an error that names it", version, err)
		}
	}
}

func TestNearest(t *testing.T) {
	have := []minor{{1, 9}, {1, 35}, {1, 10}}
	for _, test := range []struct{ want, nearest minor }{
		{minor{1, 9}, minor{1, 9}},
		{minor{1, 12}, minor{1, 10}},
		{minor{1, 36}, minor{1, 35}},
		{minor{1, 8}, minor{1, 9}},
		{minor{2, 0}, minor{1, 35}},
	} {
		if got := nearest(have, test.want); got != test.nearest {
			t.Errorf("nearest to %v: got %v, want %v", test.want, got, test.nearest)
		}
	}
}

func TestTheShippedListsAreWhole(t *testing.T) {
	for _, want := range []struct {
		version                    string
		tests, ineligible, pending int
	}{
		{"v1.35", 441, 101, 0},
		{"v1.36", 446, 101, 0},
		{"v1.37", 462, 104, 1},
	} {
		lists, exact, err := Load(want.version)
		if err != nil || !exact {
			t.Fatal(want.version, exact, err)
		}
		if len(lists.Tests) != want.tests || len(lists.Ineligible) != want.ineligible || len(lists.Pending) != want.pending {
			t.Errorf("%s: got %d tests, %d ineligible, %d pending, want %v",
				want.version, len(lists.Tests), len(lists.Ineligible), len(lists.Pending), want)
		}
		for _, test := range lists.Tests {
			if test.Testname == "" || test.Description == "" || test.Release == "" || test.File == "" {
				t.Errorf("%s: %+v lacks something", want.version, test)
			}
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, _, err := Load("v1.37"); err != nil {
			b.Fatal(err)
		}
	}
}
