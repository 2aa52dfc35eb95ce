package spec

import (
	"bytes"
	"time"
)

// Clock is what a log's stamps leave out.
type Clock struct {
	// Near is a time in or near the run. The year of a stamp that has none is the one that brings it nearest to it. With
	// the zero time such stamps do not count.
	Near time.Time
	// Location is that of stamps without a zone; nil: UTC. The hour that is repeated when summer time ends is not told
	// by a stamp, so that stamps in it do not count.
	Location *time.Location
}

// stamp is a time that a line prints.
type stamp struct {
	at   int64 // Unix time in nanoseconds
	kind stampKind
	pid  int // klog's
}

type stampKind uint8

const (
	// framework: only the test program prints it, with milliseconds. "Jun  5 03:31:07.599: INFO: …" of the Kubernetes
	// framework (test/e2e/framework, nowStamp, until 1.27), and what ginkgo 2 puts at the end of "STEP: …", "> Enter [It] …"
	// and others: "@ 06/05/26 03:31:07.599 (12ms)", with trailing zeros cut (types.GINKGO_TIME_FORMAT). Until 2.2 its steps
	// had no "@".
	framework stampKind = iota
	// klogged: "I0605 03:31:07.599123   12345 file.go:12] …" with the number of the process that printed it
	// (k8s.io/klog/v2, internal/buffer). Logs of pods have it too.
	klogged
	// anyone: "2018/06/05 03:31:04 …" of Go's package log, or RFC 3339 at the beginning of a line. Whose clock it is the
	// line does not tell.
	anyone
)

// stamper reads stamps by a clock: those without a year, those without a zone, and those with both. Each kind has its own
// hours, as lines of several kinds take turns.
type stamper struct{ yearless, zoneless, full hours }

func newStamper(c Clock) *stamper {
	if c.Location == nil {
		c.Location = time.UTC
	}
	return &stamper{
		yearless: hours{near: c.Near, location: c.Location},
		zoneless: hours{location: c.Location},
		full:     hours{location: time.UTC},
	}
}

// read reads the stamp of a line, which begins or ends with it; blanks and escape codes may come before it.
func (s *stamper) read(line []byte) (stamp, bool) {
	text := line[firstVisible(line):]
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	text = text[firstVisible(text):]
	if len(text) < len("1/2 3:4:5") {
		return stamp{}, false
	}
	switch c := text[0]; {
	case c == '2':
		if at, _, ok := s.readRFC3339(text); ok {
			return stamp{at: at, kind: anyone}, true
		}
		return s.readLog(text)
	case (c == 'I' || c == 'W' || c == 'E' || c == 'F') && isDigit(text[1]):
		return s.readKlog(text)
	case c >= 'A' && c <= 'S':
		if st, ok := s.readFramework(text); ok {
			return st, ok
		}
	}
	return s.readEnd(text)
}

// readFramework reads "Jun  5 03:31:07.599: " (time.StampMilli).
func (s *stamper) readFramework(text []byte) (stamp, bool) {
	const layout = "Jan _2 15:04:05.000: "
	if len(text) < len(layout) || text[3] != ' ' || text[15] != '.' || text[19] != ':' || text[20] != ' ' {
		return stamp{}, false
	}
	month := monthOf(text[:3])
	day := two(text[4:])
	if text[4] == ' ' && isDigit(text[5]) {
		day = int(text[5] - '0')
	}
	at, _, ok := s.yearless.readTime(0, month, day, text[7:19])
	return stamp{at: at, kind: framework}, ok
}

// readKlog reads "I0605 03:31:07.599123   12345 file.go:12] ".
func (s *stamper) readKlog(text []byte) (stamp, bool) {
	const layout = "I0102 15:04:05.000000 "
	if len(text) < len(layout) || text[5] != ' ' || text[14] != '.' || text[21] != ' ' {
		return stamp{}, false
	}
	rest := bytes.TrimLeft(text[21:], " ")
	pid, digits := 0, 0
	for digits < len(rest) && digits < 10 && isDigit(rest[digits]) {
		pid = pid*10 + int(rest[digits]-'0')
		digits++
	}
	if digits == 0 || digits == len(rest) || rest[digits] != ' ' || bytes.IndexByte(rest, ']') < 0 {
		return stamp{}, false
	}
	at, _, ok := s.yearless.readTime(0, two(text[1:]), two(text[3:]), text[6:21])
	return stamp{at: at, kind: klogged, pid: pid}, ok
}

// readLog reads "2018/06/05 03:31:04 ", with microseconds or without.
func (s *stamper) readLog(text []byte) (stamp, bool) {
	const layout = "2006/01/02 15:04:05 "
	if len(text) < len(layout) || text[4] != '/' || text[7] != '/' || text[10] != ' ' {
		return stamp{}, false
	}
	at, n, ok := s.zoneless.readTime(year(text), two(text[5:]), two(text[8:]), text[11:])
	ok = ok && 11+n < len(text) && text[11+n] == ' '
	return stamp{at: at, kind: anyone}, ok
}

// readEnd reads "@ 06/05/26 03:31:07.599" from a line's end, where "(12ms)" may follow. The line of a step may have no "@".
func (s *stamper) readEnd(line []byte) (stamp, bool) {
	text := cutReset(line)
	if bytes.HasSuffix(text, []byte("s)")) {
		if i := bytes.LastIndex(text[max(0, len(text)-24):], []byte(" (")); i >= 0 {
			text = cutReset(text[:max(0, len(text)-24)+i])
		}
	}
	const shortest, longest = len("01/02/06 15:04:05"), len("01/02/06 15:04:05.000")
	if len(text) < shortest || !isDigit(text[len(text)-1]) {
		return stamp{}, false
	}
	from := max(0, len(text)-longest)
	slash := from + bytes.LastIndexByte(text[from:], '/')
	if slash < from+5 || len(text)-slash < len("/06 15:04:05") || text[slash-3] != '/' || text[slash+3] != ' ' {
		return stamp{}, false
	}
	before := text[:slash-5]
	if !bytes.HasSuffix(before, []byte("@ ")) && !isStep(before) || two(text[slash+1:]) < 0 {
		return stamp{}, false
	}
	at, n, ok := s.zoneless.readTime(2000+two(text[slash+1:]), two(text[slash-5:]), two(text[slash-2:]), text[slash+4:])
	return stamp{at: at, kind: framework}, ok && slash+4+n == len(text)
}

// isStep tells whether the text begins as the line of a step, and may be followed by a time.
func isStep(text []byte) bool {
	text = cutReset(text)
	return bytes.HasPrefix(text, []byte("STEP:")) && text[len(text)-1] == ' '
}
