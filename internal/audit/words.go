package audit

import "e2etap/internal/memo"

// maxWords is how many bytes of strings are kept to be shared. A log that has more different ones starts over.
const maxWords = 16 << 20

// words keeps one copy of each string that repeats.
type words struct {
	recent [1 << memo.Bits]string // words, most of which come again soon
	words  map[string]string
	lists  map[string][]string // by their JSON
	size   int
}

func newWords() *words {
	return &words{words: map[string]string{}, lists: map[string][]string{}}
}

func (w *words) word(text []byte) string {
	recent := &w.recent[memo.Slot(memo.Hash(text))]
	if *recent != string(text) {
		*recent = w.known(text)
	}
	return *recent
}

func (w *words) known(text []byte) string {
	if known, ok := w.words[string(text)]; ok {
		return known
	}
	w.grow(len(text))
	word := string(text)
	w.words[word] = word
	return word
}

func (w *words) list(raw []byte) ([]string, bool) {
	list, ok := w.lists[string(raw)]
	return list, ok
}

func (w *words) addList(raw []byte, list []string) {
	w.grow(len(raw))
	w.lists[string(raw)] = list
}

func (w *words) grow(size int) {
	const entry = 64 // what a map's entry takes beside its text, about
	if w.size += size + entry; w.size > maxWords {
		clear(w.words)
		clear(w.lists)
		w.size = size + entry
	}
}
