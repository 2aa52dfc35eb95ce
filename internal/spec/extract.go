package spec

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// extractLine is a line of the predecessor's extract of a log: the three or four lines after a delimiter, and when the
// delimiter was read, without a zone.
type extractLine struct {
	Timestamp string   `json:"timestamp"`
	Lines     []string `json:"lines"`
}

func isExtract(head []byte) bool {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, " \t\r\n"), []byte("\n"))
	return bytes.HasPrefix(line, []byte("{")) && bytes.Contains(line, []byte(`"timestamp"`)) && bytes.Contains(line, []byte(`"lines"`))
}

// readExtract gives the lines to the Scanner as they were printed. The last one's spec, if it has one, has no end.
func (l *logReader) readExtract(in *bufio.Reader) error {
	var at time.Time
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var e extractLine
			if bad := json.Unmarshal(line, &e); bad != nil {
				return fmt.Errorf("line %d: %w", number, bad)
			}
			t, bad := time.ParseInLocation("2006-01-02T15:04:05.999999999", e.Timestamp, l.stamper.zoneless.location)
			if bad != nil {
				return fmt.Errorf("line %d: timestamp %q, want one like \"2018-06-05T03:34:03.723486\"", number, e.Timestamp)
			}
			at = t.UTC()
			l.scanner.Scan([]byte(delimiter+"\n"+strings.Join(e.Lines, "\n")+"\n"), at)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	l.scanner.Close(at)
	for _, b := range l.blocks {
		b.spec.Outcome = traffic.SpecUnknown // the extract does not tell
		if !b.spec.End.After(b.spec.Start) {
			b.spec.End = time.Time{}
		}
	}
	return nil
}
