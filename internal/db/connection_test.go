package db

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// TestAddressesComeBackAsTheyWere, though hosts and ports are stored apart.
func TestAddressesComeBackAsTheyWere(t *testing.T) {
	want := []string{"127.0.0.1:40312", "[::1]:65535", "::1", "@", "", "host:", "host:0", "host:007", "host:-1", ":80", "host:https"}
	path := dbPath(t)
	r := createFor(t, path)
	for _, remote := range want {
		if err := r.Connect(&traffic.Connection{Opened: start, Remote: remote}); err != nil {
			t.Fatal(err)
		}
	}
	closeRecorder(t, r)
	if diff := cmp.Diff(want, ask(t, path, `SELECT remote FROM connections ORDER BY id`)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
