package tee

import (
	"bytes"
	"strings"
	"testing"
)

// whole are things that nobody may write into, each by itself.
var whole = []string{
	"\x1b[31m", "\x1b[1;31m", "\x1b[?25l", "\x1b7", "\x1b(B", "\x1b#8", "\x1b]0;title\a", "\x1b]8;;http://x\x1b\\", "\x1bP1$r0m\x1b\\",
	"\x1b_text\x1b\\", "\x1b[3\x1b[4m", "\x1b[3\x18", "\x1b]0;t\x1a", "\x1b\n[31m", "é", "€", "😀", "\xe2\x1b[m", "\x1b]0;t\x1b[m",
}

func TestNobodyGetsIntoTheMiddle(t *testing.T) {
	t.Parallel()
	for _, text := range whole {
		for i := range len(text) + 1 {
			var turn Turn
			must(t, turn.write(&bytes.Buffer{}, []byte("plain text\n"+text[:i])))
			want := i == 0 || i == len(text)
			if got := turn.Take(func() {}); got != want {
				t.Errorf("after %q of %q: taken %v, want %v", text[:i], text, got, want)
			}
		}
	}
}

// A byte that begins no character must not make us wait for its rest.
func TestBrokenCharactersAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\x80", "\xc1", "\xff", "\xe2x", "\xe2\x82\xac\x80", "\xe2\x82\n", "\xf5\x80"} {
		var turn Turn
		must(t, turn.write(&bytes.Buffer{}, []byte(text)))
		if !turn.Take(func() {}) {
			t.Errorf("%q: more is waited for", text)
		}
	}
}

// Where pieces are cut makes no difference to where we are in the end, and a cancel ends everything.
func FuzzSequence(f *testing.F) {
	f.Add([]byte(strings.Join(whole, "")), 3)
	for _, text := range whole {
		f.Add([]byte(text), 1)
	}
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		cut = min(max(cut, 0), len(text))
		var one, two sequence
		one.read(text)
		two.read(text[:cut])
		two.read(text[cut:])
		if one != two {
			t.Errorf("%q: %+v, in two pieces %+v", text, one, two)
		}
		if one.read([]byte{0x18}); one.inside() {
			t.Errorf("%q: inside after a cancel", text)
		}
	})
}
