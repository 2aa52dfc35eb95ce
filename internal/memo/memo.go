// Package memo remembers what was looked up last, where the same strings come again and again. That costs a fraction of a map's
// look-up, which hashes all of a key and reads memory far apart. A key is forgotten when another one comes with the same few bits of
// hash, so that there must be something slower to ask; what must not be looked up twice is not for it.
package memo

import "encoding/binary"

// Bits is how many bits of a hash, its highest, tell keys apart.
const Bits = 12

// Slot is where a hash belongs, below 1<<Bits.
func Slot(hash uint64) int { return int(hash >> (64 - Bits)) }

// Memo remembers 1<<Bits values. Its zero value is empty.
type Memo[K comparable, V any] struct {
	slots [1 << Bits]struct {
		known bool
		key   K
		value V
	}
}

// Get returns the value of a key whose hash this is; it is what find returns, if the key is not known.
func (m *Memo[K, V]) Get(hash uint64, key K, find func() V) V {
	s := &m.slots[Slot(hash)]
	if !s.known || s.key != key {
		s.known, s.key, s.value = true, key, find()
	}
	return s.value
}

// Mix spreads what it is multiplied with over all bits, the highest above all: 2^64 divided by the golden ratio, as in Fibonacci hashing
// (Knuth, The Art of Computer Programming, 6.4).
const Mix = 0x9e3779b97f4a7c15

// Hash is a hash of a string's length, its middle and its end, by which names tell themselves apart. It is easy to find strings of the
// same hash.
func Hash[S ~string | ~[]byte](s S) uint64 {
	const word = 8
	n := len(s)
	if n < word {
		h := uint64(n)
		for i := range n {
			h = h<<word | uint64(s[i])
		}
		return h * Mix
	}
	var b [2 * word]byte
	copy(b[:word], s[n-word:])
	copy(b[word:], s[n/2-word/2:])
	return ((binary.LittleEndian.Uint64(b[:word])+uint64(n))*Mix ^ binary.LittleEndian.Uint64(b[word:])) * Mix
}
