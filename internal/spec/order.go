package spec

import (
	"slices"
	"sort"
	"time"
)

// dropDisordered takes the times from those specs of a serial run that are not in the order of most others, and from those
// where it is not told which of them is not. It returns the others.
func dropDisordered(list []*block) []*block {
	spans := make([]segment, len(list))
	for i, b := range list {
		spans[i] = segment{first: b.spec.Start.UnixNano(), last: b.spec.End.UnixNano()}
	}
	var kept []*block
	for i, keep := range inOrder(spans) {
		if keep {
			kept = append(kept, list[i])
			continue
		}
		list[i].spec.Start, list[i].spec.End, list[i].lone = time.Time{}, time.Time{}, false
	}
	return kept
}

// inOrder tells which spans are in each of the longest sequences where none begins before the one before it has ended.
func inOrder(spans []segment) []bool {
	until := sequences(spans)
	mirrored := make([]segment, len(spans))
	for i, s := range spans {
		mirrored[len(spans)-1-i] = segment{first: -s.last, last: -s.first}
	}
	from := sequences(mirrored)
	slices.Reverse(from)
	longest := 0
	for _, n := range until {
		longest = max(longest, n)
	}
	at := make([]int, longest+1) // how many spans may be the nth of a longest sequence
	for i := range spans {
		if until[i]+from[i] == longest+1 {
			at[until[i]]++
		}
	}
	in := make([]bool, len(spans))
	for i := range spans {
		in[i] = until[i]+from[i] == longest+1 && at[until[i]] == 1
	}
	return in
}

// sequences returns for each span the length of the longest sequence in order that ends with it.
func sequences(spans []segment) []int {
	lengths := make([]int, len(spans))
	var ends []int64 // by length, less one: where such a sequence ends first
	for i, s := range spans {
		n := sort.Search(len(ends), func(n int) bool { return ends[n] > s.first+resolution })
		lengths[i] = n + 1
		if n == len(ends) {
			ends = append(ends, s.last)
		}
		ends[n] = min(ends[n], s.last)
	}
	return lengths
}
