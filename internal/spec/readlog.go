package spec

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"e2etap/internal/traffic"
)

// ReadLog reads the captured standard output of a run to its end, and returns the specs, as they end, with Start and End by
// the times that the lines themselves print; a spec of which nothing tells the times has none. Output may have escape
// codes, and times in RFC 3339 that a log collector has put before each line ("2018-06-05T03:34:03.7Z line"). The name is
// only for errors: of a log without specs, or without any stamp.
//
// Start is the first stamp among a spec's own lines, End the last one, each late or early by what the spec does before or
// after it: nothing is stretched over the gaps between specs. With only one stamp, End is Start and the duration that is
// printed. Stamps that the duration or their neighbours contradict do not count, and klog's count only of the program's own
// process: a pod's log in the output has another clock. A collector's times count where the line is printed in time, so
// not for the beginning of a spec that is printed after its end. Of go test -json, the times are those of its events.
//
// It also reads the extract that the predecessor of this program made of such a log (cncf/apisnoop): JSON lines with a
// spec's header and the time that it was read at, where a spec lasts until the next one's header.
//
// Memory is bounded by the specs, not by the log.
func ReadLog(r io.Reader, name string, at Clock) ([]traffic.Spec, error) {
	in := bufio.NewReaderSize(r, maxLine)
	head, err := in.Peek(maxLine)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("log %s: %w", name, err)
	}
	l := newLogReader(at)
	read := l.readLines
	if isExtract(head) {
		read = l.readExtract
	} else {
		l.collected = isCollected(head, l.stamper)
	}
	if err := read(in); err != nil {
		return nil, fmt.Errorf("log %s: %w", name, err)
	}
	specs, err := l.result()
	if err != nil {
		return nil, fmt.Errorf("log %s: %w", name, err)
	}
	return specs, nil
}

// logReader reads a log line by line.
type logReader struct {
	scanner   *Scanner
	stamper   *stamper
	collected bool // a collector has put a time before each line
	stamped   bool // something has told a time
	pid       int  // of the test program, by klog's last stamp outside of specs; 0: not known

	blocks []*block // of specs that have ended

	running  *block // ginkgo's spec that runs
	last     *block // the one that was printed at its end; more of its lines may come
	lastAt   int    // the number of delimiters before it
	pending  *block // what the lines tell that follow a title which may be a spec's
	tests    map[int64]*block
	current  []*block // of go test, that the lines belong to
	outdated bool     // current is
}

func newLogReader(at Clock) *logReader {
	l := &logReader{stamper: newStamper(at), tests: make(map[int64]*block)}
	l.scanner = NewScanner(l.event)
	return l
}

func (l *logReader) result() ([]traffic.Spec, error) {
	switch {
	case len(l.blocks) == 0:
		return nil, fmt.Errorf("nothing in the file tells of a spec, want the output of an e2e run")
	case !l.stamped:
		return nil, fmt.Errorf("no line has a time stamp, want klog's \"I0605 03:31:07.599123   12345 file.go:12] …\", the "+
			"framework's \"Jun  5 03:31:07.599: INFO: …\" (%s), ginkgo's \"STEP: … @ 06/05/26 03:31:07.599\", "+
			"or RFC 3339 before each line", l.yearHint())
	}
	tell(l.blocks)
	specs := make([]traffic.Spec, len(l.blocks))
	for i := range l.blocks {
		specs[i] = l.blocks[i].spec
	}
	return specs, nil
}

// yearHint says what became of stamps without a year.
func (l *logReader) yearHint() string {
	if l.stamper.yearless.near.IsZero() {
		return "neither counts without a time near the run, and none is given"
	}
	return "of dates that there are in years near " + l.stamper.yearless.near.Format("2006")
}

// readLines reads all lines. What is beyond a line's first 64 KiB is not looked at.
func (l *logReader) readLines(in *bufio.Reader) error {
	var at time.Time
	for begins := true; ; {
		piece, err := in.ReadSlice('\n')
		if begins && len(piece) > 0 {
			at = l.line(piece)
		} else {
			l.scanner.Scan(piece, at)
		}
		begins = !errors.Is(err, bufio.ErrBufferFull)
		if err != nil && begins {
			if errors.Is(err, io.EOF) {
				l.close(at)
				return nil
			}
			return err
		}
	}
}

func (l *logReader) close(at time.Time) {
	l.pending = nil
	l.scanner.Close(at)
}

// line reads a line, and returns the time that a collector has put before it.
func (l *logReader) line(line []byte) (at time.Time) {
	if l.collected {
		if nanos, n, ok := l.stamper.readRFC3339(line); ok {
			at, line = time.Unix(0, nanos), line[n:]
			l.stamped = true
		}
	}
	l.scanner.Scan(line, at)
	if len(line) > 0 && line[0] == '{' {
		return at
	}
	text := trimLine(bytes.TrimSuffix(line, []byte("\n")))
	if st, ok := l.stamper.read(text); ok {
		l.stamped = true
		l.add(st)
	} else if l.pending != nil && l.scanner.ginkgo.state != deeps {
		l.pending = nil
	}
	return at
}

// isCollected tells whether each of the first lines, twenty at most, begins with a time in RFC 3339 and a blank.
func isCollected(head []byte, s *stamper) bool {
	lines := bytes.Split(head, []byte("\n"))
	if len(lines) > 1 {
		lines = lines[:len(lines)-1] // it may be cut
	}
	for _, line := range lines[:min(len(lines), 20)] {
		line = append(bytes.Clone(bytes.TrimRight(line, " \r")), ' ') // of an empty line, the collector's blank may be cut
		if _, n, ok := s.readRFC3339(line); !ok || line[n-1] != ' ' {
			return false
		}
	}
	return true
}
