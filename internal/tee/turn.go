package tee

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Turn lets somebody else write to the terminal that output is passed on to, between two pieces of it. A command's one
// write may come in several pieces, cut anywhere: what gets into the middle of an escape sequence or of a character
// would break it. The zero value is ready.
type Turn struct {
	mu     sync.Mutex
	cursor sequence
	echoed atomic.Int64 // when an echo was sent, Unix nanoseconds
}

// echoTime is for how long a SIGWINCH may be an echo.
const echoTime = 100 * time.Millisecond

// Echo tells whether a SIGWINCH of now may be one that we sent to repeat the terminal's own, which has come before.
func (t *Turn) Echo() bool { return time.Since(time.Unix(0, t.echoed.Load())) < echoTime }

// Take calls f, while which nothing is passed on, unless the last piece ended in the middle of something.
func (t *Turn) Take(f func()) (taken bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cursor.inside() {
		return false
	}
	f()
	return true
}

func (t *Turn) write(w io.Writer, piece []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cursor.read(piece)
	return writeAll(w, piece)
}

// sequence knows where in a terminal's input we are, by ECMA-48: in an escape sequence, in a UTF-8 character, or between.
type sequence struct {
	state   state
	missing int // bytes of a character
}

type state byte

const (
	between   state = iota
	escape          // ESC and perhaps intermediate bytes
	control         // ESC [ and parameters (CSI)
	text            // ESC ] (OSC), ESC P (DCS) and the like, up to ESC \ or BEL
	textMaybe       // ESC in such a text
)

func (s *sequence) inside() bool { return s.state != between || s.missing > 0 }

func (s *sequence) read(piece []byte) {
	for _, b := range piece {
		s.state = s.next(b)
	}
}

func (s *sequence) next(b byte) state {
	const cancel, substitute, bell, esc = 0x18, 0x1a, 0x07, 0x1b
	switch {
	case b == cancel || b == substitute:
		s.missing = 0
		return between
	case b == esc && s.state == text:
		return textMaybe
	case b == esc:
		s.missing = 0
		return escape
	}
	switch s.state {
	case escape:
		return afterEscape(b)
	case control:
		if b >= '@' && b <= '~' {
			return between
		}
		return control
	case text:
		if b == bell {
			return between
		}
		return text
	case textMaybe:
		return afterEscape(b) // a backslash ends both
	}
	s.missing = missing(b, s.missing)
	return between
}

func afterEscape(b byte) state {
	switch {
	case b == '[':
		return control
	case b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_':
		return text
	case b < '0': // a control character, which is obeyed at once, or an intermediate byte
		return escape
	}
	return between
}

// missing is how many bytes a character lacks after b, if it lacked so many before.
func missing(b byte, before int) int {
	switch {
	case b >= 0x80 && b < 0xc0:
		return max(before-1, 0)
	case b >= 0xc2 && b < 0xe0:
		return 1
	case b >= 0xe0 && b < 0xf0:
		return 2
	case b >= 0xf0 && b < 0xf5:
		return 3
	}
	return 0
}
