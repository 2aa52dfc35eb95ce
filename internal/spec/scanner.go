package spec

import (
	"bytes"
	"time"

	"e2etap/internal/traffic"
)

// maxLine is the length in bytes of the longest line that is looked at. A spec's header may have 16 KiB of names, and as
// much again of labels and colours; nothing that matters is longer.
const maxLine = 64 << 10

// Scanner finds the specs in a test program's standard output. Its memory does not grow with the output. It is not safe
// for concurrent use.
type Scanner struct {
	emit func(Event)
	keys *int64 // the last key that was given

	// holder has the tests of go test, those of package pkg, that wait while a ginkgo spec runs.
	holder *goTest
	pkg    string

	line     []byte // the beginning of a line that has not ended yet
	lineAt   time.Time
	tooLong  bool   // the rest of the line is to be skipped
	begun    bool   // a byte of the line was read
	parallel bool   // ginkgo has said that specs run in parallel processes: each is printed after it has ended
	text     []byte // the line without its escape codes; reused

	ginkgo ginkgo
	goTest goTest
	goJSON goJSON
	tap    tap
}

// NewScanner returns a Scanner that calls emit, from within Scan and Close, for each event in the order of the output.
func NewScanner(emit func(Event)) *Scanner {
	s := &Scanner{emit: emit, keys: new(int64)}
	s.ginkgo.scanner = s
	s.goTest.scanner = s
	s.goJSON.scanner = s
	s.tap.scanner = s
	s.holder = &s.goTest
	return s
}

// Scan takes the next bytes of the output, in pieces of any size, and the time at which they were read. Where the output
// is cut does not matter. Nothing of p is kept.
func (s *Scanner) Scan(p []byte, at time.Time) {
	for len(p) > 0 {
		if !s.begun {
			s.begun, s.lineAt = true, at
		}
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			s.keep(p)
			return
		}
		s.endLine(p[:end])
		p = p[end+1:]
	}
}

// keep adds to the line that has not ended.
func (s *Scanner) keep(p []byte) {
	if s.tooLong || len(s.line)+len(p) > maxLine {
		s.tooLong, s.line = true, s.line[:0]
		return
	}
	s.line = append(s.line, p...)
}

func (s *Scanner) endLine(rest []byte) {
	line := rest
	if len(s.line) > 0 || s.tooLong || len(rest) > maxLine {
		s.keep(rest)
		line = s.line
	}
	s.scanLine(line) // empty, if it was too long
	s.line, s.tooLong, s.begun = s.line[:0], false, false
}

// Close tells that the output is over at that time. Specs that still run end as interrupted.
func (s *Scanner) Close(at time.Time) {
	if s.begun {
		s.endLine(nil)
	}
	s.lineAt = at
	s.ginkgo.close()
	s.goJSON.close()
	s.goTest.closeAll(at)
}

// scanLine looks at a whole line without its end. Most lines are logs of tests: they are told by their first and last
// visible bytes.
func (s *Scanner) scanLine(line []byte) {
	line = trimLine(line)
	if len(line) == 0 {
		s.ginkgo.blank()
		return
	}
	first := firstVisible(line)
	if first == len(line) {
		return
	}
	if mayEndGinkgo(line[len(line)-1]) && s.ginkgo.tail(line) {
		return
	}
	if s.ginkgo.state != idle && s.ginkgo.line(line, s.visible(line)) {
		return
	}
	s.start(line[first:])
}

// start looks at a line of which the first byte is visible.
func (s *Scanner) start(line []byte) {
	switch line[0] {
	case ' ', 'A':
		s.indented(line)
	case '=', '-', 'F':
		s.goTest.line(s.visible(line))
	case '{':
		s.goJSON.line(line)
	case 'o', 'n', 'T', '1':
		if text := s.visible(line); !s.tap.line(text) {
			s.goTest.line(text)
		}
	case 'R', 'S', 'P', '[':
		s.ginkgo.banner(s.visible(line))
	case bullet[0], '+':
		s.ginkgo.dots(s.visible(line))
	}
}

// indented looks at a line of a subtest's end, or one that says that a spec is tried again.
func (s *Scanner) indented(line []byte) {
	rest := bytes.TrimLeft(line, " ")
	rest = rest[firstVisible(rest):]
	switch {
	case bytes.HasPrefix(rest, []byte("--- ")):
		s.goTest.line(rest)
	case bytes.HasPrefix(rest, []byte("Attempt #")):
		s.ginkgo.retry(s.visible(rest))
	}
}

func (s *Scanner) visible(line []byte) []byte {
	if bytes.IndexByte(line, escape) < 0 {
		return line
	}
	s.text = appendVisible(s.text[:0], line)
	return s.text
}

// send gives an event to the caller.
func (s *Scanner) send(kind Kind, key int64, at time.Time, spec traffic.Spec) {
	s.emit(Event{Kind: kind, At: at, Key: key, Spec: spec})
}

func (s *Scanner) nextKey() int64 {
	*s.keys++
	return *s.keys
}
