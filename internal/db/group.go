package db

import (
	"math/bits"
	"time"

	"e2etap/internal/traffic"
)

// Group is a row of a summary.
type Group struct {
	Keys      []string // one for each dimension
	Requests  int64
	Errors4xx int64
	Errors5xx int64
	Watches   int64
	Endpoints int64 // different combinations of method, verb, group, version, resource and subresource
	BytesIn   int64
	BytesOut  int64
	Sources   [traffic.SourceCount]int64 // requests by what named their test; index: traffic.Source

	// Durations leave out long-running requests, such as watches. The percentiles are good to 2 %.
	Timed         int64 // requests with a duration; without any, the next three mean nothing
	P50, P99, Max time.Duration
}

// group is a Group that is being added up.
type group struct {
	Group
	endpoints bitset // IDs
	encoded   [][]byte
	durations histogram
}

func (k *group) addSums(p part, s *sums, durations []byte) {
	k.count(p, s.requests, s.watches, s.bytesIn, s.bytesOut)
	k.Max = max(k.Max, s.longest)
	if len(durations) > 0 {
		k.encoded = append(k.encoded, durations)
	}
}

func (k *group) addRequest(p part, s share) {
	k.count(p, 1, boolInt(s.watch), s.bytesIn, s.bytesOut)
	if s.timed {
		k.Max = max(k.Max, s.duration)
		k.durations.add(s.duration)
	}
}

func (k *group) count(p part, requests, watches, bytesIn, bytesOut int64) {
	k.Requests += requests
	k.Watches += watches
	k.BytesIn += bytesIn
	k.BytesOut += bytesOut
	switch p.errorClass() {
	case 4:
		k.Errors4xx += requests
	case 5:
		k.Errors5xx += requests
	}
	k.Sources[p.source] += requests
	k.endpoints.add(int(p.endpoint))
}

// finish completes the group with the help of one, and adds its durations and endpoints to those of all groups.
func (k *group) finish(ends map[int64]endpointInfo, one, all *tally, endpoints *bitset) error {
	var numbers bitset
	k.endpoints.each(func(id int) {
		numbers.add(ends[int64(id)].number)
		endpoints.add(ends[int64(id)].number)
	})
	k.Endpoints = numbers.count()
	one.reset()
	for _, b := range k.encoded {
		if err := eachBucket(b, one.add); err != nil {
			return err
		}
	}
	for _, b := range k.durations {
		one.add(b.index, b.count)
	}
	k.percentiles(one)
	all.addAll(one)
	return nil
}

func (g *Group) percentiles(t *tally) {
	if g.Timed = int64(t.total); g.Timed > 0 {
		g.P50, g.P99 = min(t.quantile(0.5), g.Max), min(t.quantile(0.99), g.Max)
	}
}

// plus adds what can be added.
func (g *Group) plus(k *Group) {
	g.Requests += k.Requests
	g.Errors4xx += k.Errors4xx
	g.Errors5xx += k.Errors5xx
	g.Watches += k.Watches
	g.BytesIn += k.BytesIn
	g.BytesOut += k.BytesOut
	g.Max = max(g.Max, k.Max)
	for i, n := range k.Sources {
		g.Sources[i] += n
	}
}

// bitset is a set of small numbers.
type bitset []uint64

func (s *bitset) add(n int) {
	for len(*s) <= n/64 {
		*s = append(*s, 0)
	}
	(*s)[n/64] |= 1 << (n % 64)
}

func (s bitset) count() int64 {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return int64(n)
}

func (s bitset) each(do func(int)) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			do(i*64 + bits.TrailingZeros64(word))
		}
	}
}
