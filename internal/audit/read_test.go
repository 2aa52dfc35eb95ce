package audit

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadEndsWithTheErrorOfItsCaller(t *testing.T) {
	full := errors.New("disk full")
	for name, log := range map[string]string{
		"line": oneEvent + oneEvent,
		"list": `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[` + oneEvent + "," + oneEvent + "]}",
	} {
		calls := 0
		do := func(*Event) error { calls++; return full }
		err := Read(strings.NewReader(log), "log", do, func(b Broken) { t.Error(b) })
		if err != full || calls != 1 {
			t.Errorf("%s: %v after %d calls, want %v after 1", name, err, calls, full)
		}
	}
}

func TestReadEndsWithTheErrorOfItsReader(t *testing.T) {
	torn := errors.New("torn")
	events := 0
	r := io.MultiReader(strings.NewReader(oneEvent), iotest.ErrReader(torn))
	err := Read(r, "log", func(*Event) error { events++; return nil }, func(b Broken) { t.Error(b) })
	if !errors.Is(err, torn) || events != 1 {
		t.Errorf("%v after %d events, want %v after 1", err, events, torn)
	}
}

func TestALineLongerThanTheBufferIsRead(t *testing.T) {
	long := strings.Replace(oneEvent, "{", `{"requestObject":"`+strings.Repeat("x", 5<<20)+`",`, 1)
	events := 0
	err := Read(strings.NewReader(long+long), "log", func(*Event) error { events++; return nil }, func(b Broken) { t.Error(b) })
	if err != nil || events != 2 {
		t.Errorf("%d events: %v", events, err)
	}
}

func TestValuesMayBeNestedAsDeepAsEncodingJSONAllows(t *testing.T) {
	for depth, want := range map[int]bool{maxDepth - 1: true, maxDepth: false} {
		s := scanner{data: []byte(`{"a":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}")}
		if _, err := s.skip(); (err == nil) != want {
			t.Errorf("%d arrays in an object: %v", depth, err)
		}
	}
}

func TestWordsAreForgottenBeforeTheyFillTheMemory(t *testing.T) {
	w := newWords()
	text := make([]byte, 1<<16)
	for i := range 2 * maxWords / len(text) {
		text[0], text[1] = byte(i), byte(i>>8)
		if got := w.word(text); got != string(text) || w.size > maxWords {
			t.Fatalf("word %d: %d bytes are kept", i, w.size)
		}
	}
}
