package audit

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"e2etap/internal/audit/synthetic"
)

// logOf returns a log of so many bytes, and some, and how many events it has.
func logOf(t *testing.T, size int64) (log []byte, events int) {
	t.Helper()
	var b bytes.Buffer
	n, err := synthetic.New(1).Write(&b, size)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), n
}

type readFunc func(io.Reader, string, func(*Event) error, func(Broken)) error

// all is what a reading of a log tells, a line for each event and each broken line.
func all(t *testing.T, read readFunc, log string) (events, broken []string) {
	t.Helper()
	err := read(strings.NewReader(log), "log", func(e *Event) error {
		events = append(events, e.ID+" "+e.API.Name+" "+e.UserAgent)
		return nil
	}, func(b Broken) { broken = append(broken, b.Error()) })
	if err != nil {
		t.Fatal(err)
	}
	return events, broken
}

func TestReadingAheadTellsTheSameInTheSameOrder(t *testing.T) {
	log, n := logOf(t, 4e6)
	for name, text := range map[string]string{
		"whole": string(log), "empty": "", "broken": strings.Replace(string(log), "\n", "\nno event\n", 3*pieceEvents),
	} {
		wantEvents, wantBroken := all(t, Read, text)
		events, broken := all(t, ReadAhead, text)
		if strings.Join(events, "\n") != strings.Join(wantEvents, "\n") || strings.Join(broken, "\n") != strings.Join(wantBroken, "\n") {
			t.Errorf("%s: %d events and %d broken lines are not Read's %d and %d", name, len(events), len(broken), len(wantEvents), len(wantBroken))
		}
	}
	if events, _ := all(t, ReadAhead, string(log)); len(events) != n || n <= piecesAhead*pieceEvents {
		t.Errorf("%d events, want %d, which should be some pieces", len(events), n)
	}
}

func TestReadingAheadEndsWithTheErrorOfWhoIsTold(t *testing.T) {
	log, _ := logOf(t, 4e6)
	failure, told := errors.New("disk on fire"), 0
	err := ReadAhead(bytes.NewReader(log), "log", func(*Event) error {
		told++
		return failure
	}, func(Broken) {})
	if !errors.Is(err, failure) || errors.Is(err, errUnwanted) || told != 1 {
		t.Errorf("%v after %d events, want the failure after one", err, told)
	}
}

func TestReadingAheadTellsWhatIsBeforeAnErrorOfReading(t *testing.T) {
	log, n := logOf(t, 1e6)
	failure, told := errors.New("connection lost"), 0
	err := ReadAhead(io.MultiReader(bytes.NewReader(log), iotest.ErrReader(failure)), "log", func(*Event) error {
		told++
		return nil
	}, func(Broken) {})
	if !errors.Is(err, failure) || told != n {
		t.Errorf("%v after %d events, want the failure after %d", err, told, n)
	}
}
