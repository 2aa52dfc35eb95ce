package spec

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"e2etap/internal/traffic"
)

// ReadResults reads a file of results to its end, and returns the specs in its order. The name is only for errors. What
// kind of file it is is told by its content: a JSON report of ginkgo 2, JUnit's XML, the output of go test -json, TAP, or
// the captured output of a test program. The latter two have no times: their specs have only outcomes and durations. A
// file that breaks off, as when the suite is killed while it writes it, is an error, and nothing is returned with it.
func ReadResults(r io.Reader, name string) ([]traffic.Spec, error) {
	count := &counter{r: r}
	in := bufio.NewReaderSize(count, 64<<10)
	head, err := peekText(in)
	if err != nil {
		return nil, fmt.Errorf("results %s: %w", name, err)
	}
	var specs []traffic.Spec
	switch {
	case jsonReport.Match(head):
		specs, err = readReport(in, count)
	case head[0] == '<':
		specs, err = readJUnit(in, count)
	default:
		specs, err = readOutput(in, tapStart.Match(head))
	}
	if err != nil {
		return nil, fmt.Errorf("results %s: %w", name, err)
	}
	for i := range specs {
		specs[i].Told = traffic.ToldResults
	}
	return specs, nil
}

const known = "ginkgo's JSON report, JUnit's XML, the output of go test -json, TAP, or a test program's output with specs"

// jsonReport matches the beginning of a ginkgo report. Output may begin with "[" too: "[1234] suite - 3/3 specs".
var jsonReport = regexp.MustCompile(`^\[\s*(\{|\]\s*$|$)`)

// tapStart matches the beginning of TAP; the plan may come at the end.
var tapStart = regexp.MustCompile(`^(TAP version |1\.\.\d+\s|ok \d+\s|not ok \d+\s)`)

// peekText skips a byte order mark and blanks, and returns the beginning of the rest, which is not empty.
func peekText(in *bufio.Reader) ([]byte, error) {
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		in.Discard(3)
	}
	for {
		head, err := in.Peek(512)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		rest := bytes.TrimLeft(head, " \t\r\n")
		if len(rest) > 0 && len(rest) < len(head) {
			in.Discard(len(head) - len(rest))
			continue
		}
		if len(rest) > 0 {
			return rest, nil
		}
		if len(head) == 0 {
			return nil, fmt.Errorf("the file is empty, want %s", known)
		}
		in.Discard(len(head))
	}
}

// readOutput reads the captured output of a test program. It says nothing of times, but for go test -json.
func readOutput(in io.Reader, isTAP bool) ([]traffic.Spec, error) {
	var specs []traffic.Spec
	scanner := NewScanner(func(e Event) {
		if e.Kind == Ended {
			specs = append(specs, e.Spec)
		}
	})
	scanner.tap.on = isTAP
	buf := make([]byte, 64<<10)
	for {
		n, err := in.Read(buf)
		scanner.Scan(buf[:n], time.Time{})
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	scanner.Close(time.Time{})
	if len(specs) == 0 {
		return nil, fmt.Errorf("nothing in the file tells of a spec, want %s", known)
	}
	return specs, nil
}

// counter counts the bytes that were read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// brokenOff is the error of a file that ends in the middle, after n bytes.
func brokenOff(format string, n int64) error {
	return fmt.Errorf("%s ends in the middle, at byte %d: was the suite killed while writing it?", format, n)
}
