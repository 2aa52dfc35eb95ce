package spec

import (
	"testing"
	"time"
)

func TestStampsAreRead(t *testing.T) {
	near := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		line, want string
		kind       stampKind
		location   *time.Location
	}{
		{line: "I0605 03:31:07.599123   12345 file.go:12] text", want: "2026-06-05T03:31:07.599123Z", kind: klogged},
		{line: "  F0605 03:31:07.599123       1 file.go:12] text", want: "2026-06-05T03:31:07.599123Z", kind: klogged},
		{line: "\x1b[31mE0605 03:31:07.599123       1 file.go:12] text\x1b[0m", want: "2026-06-05T03:31:07.599123Z", kind: klogged},
		{line: "I0605 03:31:07.599123   12345 file.go:12] text", want: "2026-06-05T01:31:07.599123Z", kind: klogged, location: berlin},
		{line: "Jun  5 03:31:07.599: INFO: text", want: "2026-06-05T03:31:07.599Z"},
		{line: "Feb 15 03:31:07.599: FAIL: text", want: "2026-02-15T03:31:07.599Z"},
		{line: "STEP: text @ 06/05/26 03:31:07.599", want: "2026-06-05T03:31:07.599Z"},
		{line: "STEP: text @ 06/05/25 03:31:07.5", want: "2025-06-05T03:31:07.5Z"},
		{line: "STEP: text @ 06/05/26 03:31:07", want: "2026-06-05T03:31:07Z"},
		{line: "  \x1b[1mSTEP:\x1b[0m text \x1b[38;5;243m@ 06/05/26 03:31:07.599\x1b[0m", want: "2026-06-05T03:31:07.599Z"},
		{line: "\x1b[1mSTEP:\x1b[0m text \x1b[38;5;243m06/05/26 03:31:07.599\x1b[0m", want: "2026-06-05T03:31:07.599Z"},
		{line: "  > Enter [It] works - a_test.go:3 @ 06/05/26 03:31:07.599", want: "2026-06-05T03:31:07.599Z"},
		{line: "  < Exit [It] works - a_test.go:3 @ 06/05/26 03:31:07.599 (1m2.5s)", want: "2026-06-05T03:31:07.599Z"},
		{line: "  In [It] at: /src/a_test.go:3 @ 06/05/26 03:31:07.599", want: "2026-06-05T03:31:07.599Z", location: nil},
		{line: "2018/06/05 03:31:04 text", want: "2018-06-05T03:31:04Z", kind: anyone},
		{line: "2018/06/05 03:31:04.000123 text", want: "2018-06-05T03:31:04.000123Z", kind: anyone},
		{line: "2018-06-05T03:34:03.7Z line", want: "2018-06-05T03:34:03.7Z", kind: anyone},
		{line: "2018-06-05T03:34:03.123456789+02:00\tline", want: "2018-06-05T01:34:03.123456789Z", kind: anyone, location: berlin},
	} {
		st, ok := newStamper(Clock{near, c.location}).read([]byte(c.line))
		got := time.Unix(0, st.at).UTC().Format(time.RFC3339Nano)
		if !ok || got != c.want || st.kind != c.kind {
			t.Errorf("%q: %t, %s of kind %d, want %s of kind %d", c.line, ok, got, st.kind, c.want, c.kind)
		}
	}
}

func TestWhatIsNoStampIsNotRead(t *testing.T) {
	stamper := newStamper(Clock{Near: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Location: zone(t, "Europe/Berlin")})
	for _, line := range []string{
		"", "I", "I0605 03:31:07.599123", "I0605 25:31:07.599123   12345 file.go:12] x", "I0605 03:31:07.599123 text] x",
		"I1305 03:31:07.599123   12345 file.go:12] x", "I0631 03:31:07.599123   12345 file.go:12] x",
		"Jun  5 03:31:07: syslog", "Jux  5 03:31:07.599: INFO: x", "text 06/05/26 03:31:07.599", "@ 06/05/26 03:31:60.599",
		"@ 06/05/26 03:31:07.599 text", "2018/06/05 03:31:04", "2018/13/05 03:31:04 x", "2018-06-05T03:34:03 x", "2000-01-Z T00:00:00Z x", "03:27:59 pulling",
		"Oct 25 02:30:00.000: INFO: the hour is repeated", "Mar 29 02:30:00.000: INFO: there is no such hour",
	} {
		if st, ok := stamper.read([]byte(line)); ok {
			t.Errorf("%q: read as %s", line, time.Unix(0, st.at).UTC())
		}
	}
}

func TestYearIsTheOneNearest(t *testing.T) {
	for _, c := range []struct{ near, line, want string }{
		{"2027-01-01", "Dec 31 23:59:59.999: INFO: x", "2026-12-31T23:59:59.999Z"},
		{"2026-12-31", "Jan  1 00:00:00.000: INFO: x", "2027-01-01T00:00:00Z"},
		{"2026-12-31", "I0101 00:00:00.000001       1 a.go:1] x", "2027-01-01T00:00:00.000001Z"},
		{"2024-03-01", "Feb 29 12:00:00.000: INFO: x", "2024-02-29T12:00:00Z"},
		{"2023-03-01", "Feb 29 12:00:00.000: INFO: x", "2024-02-29T12:00:00Z"},
		{"2098-03-01", "Feb 29 12:00:00.000: INFO: x", "2096-02-29T12:00:00Z"},
		{"2102-03-01", "Feb 29 12:00:00.000: INFO: x", "2104-02-29T12:00:00Z"},
	} {
		near, err := time.Parse(time.DateOnly, c.near)
		if err != nil {
			t.Fatal(err)
		}
		st, ok := newStamper(Clock{Near: near}).read([]byte(c.line))
		if got := time.Unix(0, st.at).UTC().Format(time.RFC3339Nano); !ok || got != c.want {
			t.Errorf("%q near %s: %t, %s, want %s", c.line, c.near, ok, got, c.want)
		}
	}
	if _, ok := newStamper(Clock{}).read([]byte("Dec 31 23:59:59.999: INFO: x")); ok {
		t.Error("a stamp without a year counts, though no time near is known")
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}
