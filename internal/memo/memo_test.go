package memo

import (
	"fmt"
	"testing"
)

func TestAMemoFindsAgainWhatItForgot(t *testing.T) {
	var m Memo[string, int]
	found := map[string]int{}
	const hash = 1
	for _, key := range []string{"", "a", "bb", "bb", "a"} {
		got := m.Get(hash, key, func() int {
			found[key]++
			return len(key)
		})
		if got != len(key) {
			t.Errorf("%q: %d, want %d", key, got, len(key))
		}
	}
	if found[""] != 1 || found["a"] != 2 || found["bb"] != 1 {
		t.Errorf("found %v, want a twice and the others once", found)
	}
}

func TestHashTellsNamesApart(t *testing.T) {
	slots := map[int]bool{}
	const names = 1000
	for i := range names {
		slots[Slot(Hash(fmt.Sprintf("pods-%d", i)))] = true
		slots[Slot(Hash(fmt.Sprintf("e2e.test/v1.37.2 -- [sig-node] Pods, case %d", i)))] = true
	}
	if want := 3 * names / 2; len(slots) < want { // of 4096, 1580 if the hash were random
		t.Errorf("%d names are in %d slots, want %d", 2*names, len(slots), want)
	}
}

func TestBytesHaveTheHashOfTheirString(t *testing.T) {
	for _, s := range []string{"", "a", "1234567", "12345678", "123456789", "a name of some length"} {
		if Hash(s) != Hash([]byte(s)) {
			t.Errorf("%q: its bytes have another hash", s)
		}
	}
}
