package db

import (
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"

	"e2etap/internal/traffic"
)

// part is what a test's requests are summed by.
type part struct{ endpoint, status, source int64 }

func (p part) errorClass() int64 { return p.status / 100 }

// sums is what is kept for a part.
type sums struct {
	requests, watches, bytesIn, bytesOut int64
	duration, longest                    time.Duration
	durations                            histogram
}

// share is what one request adds to the sums of its part.
type share struct {
	bytesIn, bytesOut int64
	duration          time.Duration
	watch             bool
	timed             bool // the duration counts
}

// shareOf decides what of a request is summed: see the comment at the table summary.
func shareOf(t traits, outcome traffic.Outcome, bytesIn, bytesOut int64, duration time.Duration) share {
	over := outcome != traffic.Open && outcome != traffic.Unfinished
	return share{bytesIn, bytesOut, duration, t.watch, over && !t.longRunning}
}

func (s *sums) add(p share) {
	s.count(p, 1)
	if p.timed {
		s.duration += p.duration
		s.longest = max(s.longest, p.duration)
		s.durations.add(p.duration)
	}
}

func (s *sums) count(p share, sign int64) {
	s.requests += sign
	s.bytesIn += sign * p.bytesIn
	s.bytesOut += sign * p.bytesOut
	if p.watch {
		s.watches += sign
	}
}

// appendParts encodes a test's parts in order: distance from the endpoint before, status, source, sums, length of the histogram,
// histogram.
func appendParts(b []byte, parts map[part]*sums, order []part) []byte {
	var last int64
	var scratch []byte
	for _, k := range order {
		s := parts[k]
		for _, v := range [...]int64{
			k.endpoint - last, k.status, k.source, s.requests, s.watches, s.bytesIn, s.bytesOut, int64(s.duration), int64(s.longest),
		} {
			b = binary.AppendUvarint(b, uint64(v))
		}
		scratch = s.durations.append(scratch[:0])
		b = binary.AppendUvarint(b, uint64(len(scratch)))
		b = append(b, scratch...)
		last = k.endpoint
	}
	return b
}

// inOrder sorts parts as the functions here want them.
func inOrder(parts map[part]*sums) []part {
	return slices.SortedFunc(maps.Keys(parts), func(a, b part) int {
		return cmp.Or(cmp.Compare(a.endpoint, b.endpoint), cmp.Compare(a.status, b.status), cmp.Compare(a.source, b.source))
	})
}

var errParts = errors.New("malformed parts of a test's summary")

// eachPart calls do for what appendParts encoded; histograms stay encoded, and the sums are the same variable every time.
func eachPart(b []byte, do func(k part, s *sums, durations []byte) error) error {
	var k part
	var s sums
	for len(b) > 0 {
		var v [10]uint64
		for i := range v {
			n := 0
			if v[i], n = uvarint(b); n <= 0 {
				return errParts
			}
			b = b[n:]
		}
		if v[9] > uint64(len(b)) || v[2] >= uint64(traffic.SourceCount) {
			return errParts
		}
		k.endpoint, k.status, k.source = k.endpoint+int64(v[0]), int64(v[1]), int64(v[2])
		s.requests, s.watches, s.bytesIn, s.bytesOut = int64(v[3]), int64(v[4]), int64(v[5]), int64(v[6])
		s.duration, s.longest = time.Duration(v[7]), time.Duration(v[8])
		if err := do(k, &s, b[:v[9]]); err != nil {
			return err
		}
		b = b[v[9]:]
	}
	return nil
}
