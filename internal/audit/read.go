package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Read calls do for every event of an audit log, in the order of the log. The event is do's until it returns; its strings
// and lists may be kept, but lists not written to. What is no event is given to broken and skipped. Read ends with do's
// error or r's.
func Read(r io.Reader, name string, do func(*Event) error, broken func(Broken)) error {
	return newLog(r, name, do, broken).read()
}

// follow is Read of a log that may go on being written. What is cut at its end is not broken if it did.
func follow(t *tail, to Following) error {
	l := newLog(t, t.name, to.Event, to.Broken)
	l.goesOn = func() bool { return t.ended != endReplaced }
	return l.read()
}

func newLog(r io.Reader, name string, do func(*Event) error, broken func(Broken)) *log {
	l := &log{lines: newLines(r), name: name, do: do, parser: parser{words: newWords()}, goesOn: func() bool { return false }}
	l.broken = func(err error) { broken(Broken{File: name, Line: l.number, Err: err}) }
	return l
}

func (l *log) read() error {
	for {
		line, err := l.lines.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", l.name, err)
		}
		if err := l.line(line); err != nil {
			return err
		}
	}
}

// log is a log that is being read.
type log struct {
	lines  *lines
	name   string
	parser parser
	do     func(*Event) error
	broken func(err error)
	goesOn func() bool // tells, at the end, whether what is cut there may become whole
	number int         // of the line where the value begins that is being read
}

// stopped is do's error, which ends everything, rather than that of a line.
type stopped struct{ error }

func (s stopped) Unwrap() error { return s.error }

// line reads what is on a line, which is mostly one event, and the lines after it that a value goes on over.
func (l *log) line(line []byte) error {
	l.number = l.lines.number
	for line = trim(line); len(line) > 0; line = trim(line) {
		n, err := l.one(line)
		if errors.Is(err, errCut) {
			if whole, ok := l.lines.join(line); ok {
				line = whole
				n, err = l.one(line)
			}
		}
		if stop, ok := errors.AsType[stopped](err); ok {
			return stop.error
		}
		if err != nil && !(errors.Is(err, errCut) && l.lines.ended() && l.goesOn()) {
			l.broken(err)
		}
		line = line[n:]
		l.number = l.lines.number
	}
	return nil
}

// one reads one object at the start of the data and returns how long it is: with its error, if it is well-formed but no
// event, or all of the data if it is not.
func (l *log) one(data []byte) (int, error) {
	if data[0] != '{' {
		return len(data), fmt.Errorf("found %q, want a JSON object", data[0])
	}
	p := &l.parser
	p.scanner = scanner{data: data}
	if err := p.parse(); err != nil {
		return length(data, err)
	}
	end := p.pos
	return end, l.object()
}

// length returns how long the value at the start of the data is, and why it could not be parsed.
func length(data []byte, why error) (int, error) {
	s := scanner{data: data}
	if _, err := s.skip(); err != nil {
		return len(data), err
	}
	return s.pos, why
}

// object hands out the event, or the events of the list, that the parser has parsed.
func (l *log) object() error {
	h := l.parser.header
	switch h.kind {
	case "Event":
		return l.event("")
	case "EventList":
		if err := checkVersion(h.version); err != nil {
			return err
		}
		return l.list(h)
	}
	return fmt.Errorf("kind %.60q, want Event or EventList", h.kind)
}

// list hands out the events of a list. They need not say what they are.
func (l *log) list(h header) error {
	if h.items == nil {
		return nil
	}
	items := scanner{data: h.items}
	_, err := items.array(func() error {
		item, err := items.skip()
		if err != nil {
			return err
		}
		err = l.item(item, h.version)
		if _, ok := errors.AsType[stopped](err); ok {
			return err
		}
		if err != nil {
			l.broken(err)
		}
		return nil
	})
	return err
}

func (l *log) item(item []byte, version string) error {
	p := &l.parser
	p.scanner = scanner{data: item}
	if err := p.parse(); err != nil {
		return err
	}
	if kind := p.header.kind; kind != "" && kind != "Event" {
		return fmt.Errorf("kind %.60q in an EventList, want Event", kind)
	}
	return l.event(version)
}

func (l *log) event(version string) error {
	p := &l.parser
	if p.header.version == "" {
		p.header.version = version
	}
	if err := checkVersion(p.header.version); err != nil {
		return err
	}
	if err := p.event.finish(&p.header); err != nil {
		return err
	}
	if err := l.do(&p.event); err != nil {
		return stopped{err}
	}
	return nil
}

// trim cuts white space, and the NULs that a crash or a truncated log leaves.
func trim(line []byte) []byte { return bytes.Trim(line, "\x00 \t\r\n") }
