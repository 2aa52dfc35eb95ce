package spec

import (
	"bytes"
	"time"
)

// readRFC3339 reads a time with its zone from the beginning of the text, with up to nine decimals and a blank or a tab after
// it. It returns the length of both.
func (s *stamper) readRFC3339(text []byte) (at int64, length int, ok bool) {
	const layout = "2006-01-02T15:04:05Z "
	if len(text) < len(layout) || text[4] != '-' || text[7] != '-' || text[10] != 'T' {
		return 0, 0, false
	}
	end := bytes.IndexAny(text[:min(len(text), len("2006-01-02T15:04:05.000000000+00:00 "))], " \t")
	if end < len(layout)-1 {
		return 0, 0, false
	}
	if text[end-1] != 'Z' {
		t, err := time.Parse(time.RFC3339Nano, string(text[:end]))
		return t.UnixNano(), end + 1, err == nil
	}
	at, n, ok := s.full.readTime(year(text), two(text[5:]), two(text[8:]), text[11:end-1])
	return at, end + 1, ok && 11+n == end-1
}

// hours finds the hours of a location's days. It keeps the last one: a log's lines mostly are of the same.
type hours struct {
	near     time.Time
	location *time.Location

	key  hourKey
	base int64 // its beginning
	one  bool  // there is such an hour, and but one
}

type hourKey struct{ year, month, day, hour int }

// readTime reads "15:04:05", with up to nine decimals, of that day in the location, and returns its length too.
// The year 0 stands for the one that brings it nearest.
func (h *hours) readTime(year, month, day int, text []byte) (at int64, length int, ok bool) {
	if len(text) < 8 || text[2] != ':' || text[5] != ':' {
		return 0, 0, false
	}
	hour, minute, second := two(text), two(text[3:]), two(text[6:])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, 0, false
	}
	base, ok := h.find(hourKey{year, month, day, hour})
	if !ok {
		return 0, 0, false
	}
	nanos, length := fraction(text[8:])
	return base + int64(minute*60+second)*int64(time.Second) + nanos, 8 + length, true
}

// fraction reads a point and up to nine decimals.
func fraction(text []byte) (nanos int64, length int) {
	if len(text) < 2 || text[0] != '.' || !isDigit(text[1]) {
		return 0, 0
	}
	unit := int64(time.Second)
	for length = 1; length < len(text) && length < 10 && isDigit(text[length]); length++ {
		unit /= 10
		nanos += int64(text[length]-'0') * unit
	}
	return nanos, length
}

// find returns when an hour begins. It is not ok if there is no such hour, or if there are two.
func (h *hours) find(k hourKey) (int64, bool) {
	if k != h.key {
		t, ok := h.nearest(k)
		h.key, h.base, h.one = k, t.UnixNano(), ok
	}
	return h.base, h.one
}

func (h *hours) nearest(k hourKey) (time.Time, bool) {
	if k.year != 0 {
		return h.date(k)
	}
	if h.near.IsZero() {
		return time.Time{}, false
	}
	best := time.Duration(-1)
	for y := h.near.Year() - 8; y <= h.near.Year()+8; y++ { // there may be eight years between leap days
		t := time.Date(y, time.Month(k.month), k.day, k.hour, 0, 0, 0, time.UTC)
		if away := t.Sub(h.near).Abs(); t.Day() == k.day && (best < 0 || away < best) {
			best, k.year = away, y
		}
	}
	return h.date(k)
}

// date returns when an hour of a known year begins, and whether there is exactly one such.
func (h *hours) date(k hourKey) (time.Time, bool) {
	t := time.Date(k.year, time.Month(k.month), k.day, k.hour, 0, 0, 0, h.location)
	is := func(t time.Time) bool { return t.Hour() == k.hour && t.Day() == k.day && int(t.Month()) == k.month }
	return t, is(t) && !is(t.Add(time.Hour)) && !is(t.Add(-time.Hour)) && k.year >= 1970 && k.year < 2200
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// two reads two digits; -1 if there are none.
func two(text []byte) int {
	if len(text) < 2 || !isDigit(text[0]) || !isDigit(text[1]) {
		return -1
	}
	return int(text[0]-'0')*10 + int(text[1]-'0')
}

// year reads four digits; -1 if there are none.
func year(text []byte) int {
	high, low := two(text), two(text[2:])
	if high < 0 || low < 0 {
		return -1
	}
	return high*100 + low
}

// monthOf reads the first three letters of a month's name; 0 if they are of none.
func monthOf(text []byte) int {
	const months = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for i := 0; i < len(months); i += 3 {
		if string(text) == months[i:i+3] {
			return i/3 + 1
		}
	}
	return 0
}
