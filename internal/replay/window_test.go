package replay

import (
	"testing"
	"time"

	"e2etap/internal/traffic"
)

func TestWindowIsTheSpecThatBeganLast(t *testing.T) {
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	firsts := map[string]time.Time{"a": second(3), "untold": second(6)}
	told := newWindow([]*traffic.Spec{
		{Test: "b", Start: second(5)}, {Test: "a", Start: second(2), End: second(4)}, {Node: "BeforeSuite", Start: second(7)}, {Test: "never"},
	}, firsts)
	named := newWindow(nil, firsts)
	for _, tt := range []struct {
		name   string
		window *window
		at     int
		is     string
		want   string
	}{
		{"before the first", told, 1, "a", ""},
		{"at its start", told, 2, "a", "a"},
		{"after its end", told, 4, "b", "a"},
		{"after the next one's start", told, 5, "a", "b"},
		{"of a test that nothing told of", told, 8, "untold", "b"},
		{"that tells of the start itself", named, 3, "a", ""},
		{"of another at that time", named, 3, "b", "a"},
		{"after a start that requests told of", named, 7, "a", "untold"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.window.test(&traffic.Request{Start: second(tt.at)}, tt.is); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
