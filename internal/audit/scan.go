package audit

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf8"
)

// maxDepth is how deep values may be nested: encoding/json's limit.
const maxDepth = 10_000

// errCut says that the data ends inside of a value.
var errCut = fmt.Errorf("parse JSON: %w", io.ErrUnexpectedEOF)

// scanner goes over JSON (RFC 8259) by keys and values, accepting what encoding/json accepts. After an error its position
// means nothing.
type scanner struct {
	data  []byte
	pos   int
	depth int
}

// typeError says that well-formed JSON is not of the type that is wanted.
type typeError struct{ want, got string }

func (e *typeError) Error() string { return fmt.Sprintf("%s, want %s", e.got, e.want) }

func isType(err error) bool {
	var wrong *typeError
	return errors.As(err, &wrong)
}

func (s *scanner) syntax(want string) error {
	if s.pos >= len(s.data) {
		return errCut
	}
	return fmt.Errorf("parse JSON: %q at byte %d, want %s", s.data[s.pos], s.pos, want)
}

// space skips white space and returns the byte after it, or 0 at the end.
func (s *scanner) space() byte {
	for ; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// object calls field for each key, at the value, which field must go over. It reports false for null, without a call.
func (s *scanner) object(field func(key []byte) error) (bool, error) {
	if ok, err := s.open('{', "an object"); !ok || err != nil {
		return false, err
	}
	for first := true; ; first = false {
		raw, done, err := s.key(first)
		if done || err != nil {
			return err == nil, err
		}
		key, err := unescape(raw)
		if err != nil {
			return false, err
		}
		if err := field(key); err != nil {
			return false, err
		}
	}
}

// key goes over a key of an object, which it returns as it is escaped, or over the object's end.
func (s *scanner) key(first bool) (key []byte, done bool, err error) {
	if done, err := s.next(first, '}'); done || err != nil {
		return nil, done, err
	}
	if s.space() != '"' {
		return nil, false, s.syntax("a key")
	}
	if key, err = s.quoted(); err != nil {
		return nil, false, err
	}
	if s.space() != ':' {
		return nil, false, s.syntax("':'")
	}
	s.pos++
	return key, false, nil
}

// array calls item for each value, which item must go over. It reports false for null, without a call.
func (s *scanner) array(item func() error) (bool, error) {
	if ok, err := s.open('[', "an array"); !ok || err != nil {
		return false, err
	}
	for first := true; ; first = false {
		if done, err := s.next(first, ']'); done || err != nil {
			return err == nil, err
		}
		if err := item(); err != nil {
			return false, err
		}
	}
}

// open goes over the bracket, or over null, for which it reports false.
func (s *scanner) open(bracket byte, want string) (bool, error) {
	switch s.space() {
	case bracket:
		s.pos++
		if s.depth++; s.depth > maxDepth {
			return false, fmt.Errorf("parse JSON: more than %d values inside each other", maxDepth)
		}
		return true, nil
	case 'n':
		return false, s.literal("null")
	}
	return false, s.mismatch(want)
}

// next goes over a comma, unless it is the first, or over the bracket that ends all, which it reports.
func (s *scanner) next(first bool, bracket byte) (done bool, err error) {
	c := s.space()
	switch {
	case c == bracket:
		s.pos++
		s.depth--
		return true, nil
	case first:
		return false, nil
	case c != ',':
		return false, s.syntax("',' or '" + string(bracket) + "'")
	}
	s.pos++
	if s.space() == bracket {
		return false, s.syntax("a value")
	}
	return false, nil
}

// mismatch goes over a value that is not of the wanted type.
func (s *scanner) mismatch(want string) error {
	value, err := s.skip()
	if err != nil {
		return err
	}
	return &typeError{want: want, got: typeOf(value)}
}

// typeOf names a value's type, since the value may be a secret.
func typeOf(value []byte) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f', 'n':
		return string(value)
	}
	return "a number"
}

// skip goes over a value and returns it.
func (s *scanner) skip() ([]byte, error) {
	c := s.space()
	start := s.pos
	var err error
	switch c {
	case '{':
		err = s.skipObject()
	case '[':
		err = s.skipArray()
	case '"':
		_, err = s.quoted()
	case 't':
		err = s.literal("true")
	case 'f':
		err = s.literal("false")
	case 'n':
		err = s.literal("null")
	default:
		err = s.number()
	}
	if err != nil {
		return nil, err
	}
	return s.data[start:s.pos], nil
}

func (s *scanner) skipObject() error {
	if _, err := s.open('{', "an object"); err != nil {
		return err
	}
	for first := true; ; first = false {
		if _, done, err := s.key(first); done || err != nil {
			return err
		}
		if _, err := s.skip(); err != nil {
			return err
		}
	}
}

func (s *scanner) skipArray() error {
	if _, err := s.open('[', "an array"); err != nil {
		return err
	}
	for first := true; ; first = false {
		if done, err := s.next(first, ']'); done || err != nil {
			return err
		}
		if _, err := s.skip(); err != nil {
			return err
		}
	}
}

// skipped is skip for who does not want the value.
func (s *scanner) skipped() error {
	_, err := s.skip()
	return err
}

func (s *scanner) literal(word string) error {
	for i := range len(word) {
		if s.pos >= len(s.data) || s.data[s.pos] != word[i] {
			return s.syntax(word)
		}
		s.pos++
	}
	return nil
}

func (s *scanner) number() error {
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else if s.digits() == 0 {
		return s.syntax("a value")
	}
	if s.at('.') {
		s.pos++
		if s.digits() == 0 {
			return s.syntax("a digit")
		}
	}
	if !s.at('e') && !s.at('E') {
		return nil
	}
	s.pos++
	if s.at('+') || s.at('-') {
		s.pos++
	}
	if s.digits() == 0 {
		return s.syntax("a digit")
	}
	return nil
}

func (s *scanner) at(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos - start
}

// quoted goes over a string and returns what is between its quotes, escaped as it is.
func (s *scanner) quoted() ([]byte, error) {
	s.pos++
	start := s.pos
	for {
		s.pos = plain(s.data, s.pos)
		switch {
		case s.at('"'):
			s.pos++
			return s.data[start : s.pos-1], nil
		case !s.at('\\'):
			return nil, s.syntax("a string without control characters")
		}
		if err := s.escape(); err != nil {
			return nil, err
		}
	}
}

func (s *scanner) escape() error {
	s.pos++
	if !s.at('u') {
		if s.pos >= len(s.data) {
			return errCut
		}
		switch s.data[s.pos] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			s.pos++
			return nil
		}
		return s.syntax("an escape")
	}
	s.pos++
	for range 4 {
		if s.pos >= len(s.data) || !isHex(s.data[s.pos]) {
			return s.syntax("a hexadecimal digit")
		}
		s.pos++
	}
	return nil
}

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f' }

// unescape returns what is meant by what is between a string's quotes: itself, mostly.
func unescape(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return raw, nil
	}
	var text string
	err := json.Unmarshal(append(append([]byte{'"'}, raw...), '"'), &text)
	return []byte(text), err
}

// plain returns the position of the next quote, backslash or control character, or the end. It looks at eight bytes at
// a time: a byte b of the word is below n where (b-n)&^b has its highest bit, up to the first such byte.
func plain(data []byte, pos int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; pos+8 <= len(data); pos += 8 {
		word := binary.LittleEndian.Uint64(data[pos:])
		quote, slash := word^(ones*'"'), word^(ones*'\\')
		found := ((word-ones*0x20)&^word | (quote-ones)&^quote | (slash-ones)&^slash) & high
		if found != 0 {
			return pos + bits.TrailingZeros64(found)/8
		}
	}
	for ; pos < len(data); pos++ {
		if c := data[pos]; c == '"' || c == '\\' || c < 0x20 {
			break
		}
	}
	return pos
}
