package db

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
)

// histogram counts durations in buckets whose width is 1/32 of their lower bound or less, so that a percentile read off it is
// at most 1.6 % wrong. It is sparse: a slice of used buckets in order.
type histogram []bucket

type bucket struct {
	index uint16
	count uint64
}

const subBuckets = 32 // per power of two

// bucketOf numbers the buckets without gaps: values below 32 have one each, from then on every power of two has 32.
func bucketOf(v int64) uint16 {
	if v < subBuckets {
		return uint16(max(v, 0))
	}
	shift := bits.Len64(uint64(v)) - 6 // bits below the leading one and the five that pick the bucket
	return uint16(shift*subBuckets + int(v>>shift))
}

// bucketMiddle is the value that stands for all in the bucket.
func bucketMiddle(index uint16) int64 {
	if index < 2*subBuckets {
		return int64(index)
	}
	shift := int(index)/subBuckets - 1
	low := int64(index%subBuckets+subBuckets) << shift
	return low + (int64(1)<<shift)/2
}

func (h *histogram) add(d time.Duration) { h.addCount(bucketOf(int64(d)), 1) }

func (h *histogram) addCount(index uint16, n uint64) {
	i, found := slices.BinarySearchFunc(*h, index, func(b bucket, i uint16) int { return int(b.index) - int(i) })
	if found {
		(*h)[i].count += n
		return
	}
	*h = slices.Insert(*h, i, bucket{index, n})
}

// append encodes h as varint pairs: distance from the index before, count.
func (h histogram) append(b []byte) []byte {
	var last uint16
	for _, k := range h {
		b = binary.AppendUvarint(b, uint64(k.index-last))
		b = binary.AppendUvarint(b, k.count)
		last = k.index
	}
	return b
}

// eachBucket calls do for what append encoded.
func eachBucket(b []byte, do func(index uint16, count uint64)) error {
	var index uint64
	for len(b) > 0 {
		step, n := uvarint(b)
		if n <= 0 {
			return fmt.Errorf("malformed histogram: %d bytes left", len(b))
		}
		count, m := uvarint(b[n:])
		if index += step; m <= 0 || step >= maxBuckets || index >= maxBuckets {
			return fmt.Errorf("malformed histogram: bucket %d, %d bytes left", index, len(b))
		}
		do(uint16(index), count)
		b = b[n+m:]
	}
	return nil
}

// uvarint is binary.Uvarint, faster for the many small numbers of a summary.
func uvarint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}

// maxBuckets is above the bucket of the longest duration.
const maxBuckets = 60 * subBuckets

// tally is a histogram that is fast to add to and large; one serves many groups in turn.
type tally struct {
	counts [maxBuckets]uint64
	total  uint64
	from   int // the counts outside are zero
	to     int
}

func (t *tally) add(index uint16, count uint64) {
	t.counts[index] += count
	t.cover(int(index), int(index)+1, count)
}

func (t *tally) addAll(other *tally) {
	for i := other.from; i < other.to; i++ {
		t.counts[i] += other.counts[i]
	}
	if other.total > 0 {
		t.cover(other.from, other.to, other.total)
	}
}

// cover takes note of n more values in the counts from one place to another.
func (t *tally) cover(from, to int, n uint64) {
	if t.total == 0 {
		t.from, t.to = from, to
	}
	t.from, t.to = min(t.from, from), max(t.to, to)
	t.total += n
}

// append encodes t as a histogram.
func (t *tally) append(b []byte) []byte {
	last := 0
	for i := t.from; i < t.to; i++ {
		if t.counts[i] > 0 {
			b = binary.AppendUvarint(b, uint64(i-last))
			b = binary.AppendUvarint(b, t.counts[i])
			last = i
		}
	}
	return b
}

func (t *tally) reset() {
	clear(t.counts[t.from:t.to])
	t.total, t.from, t.to = 0, 0, 0
}

// quantile returns the duration that a share of at least q of the values does not exceed.
func (t *tally) quantile(q float64) time.Duration {
	rank := max(uint64(math.Ceil(q*float64(t.total))), 1)
	var seen uint64
	for i := t.from; i < t.to; i++ {
		if seen += t.counts[i]; seen >= rank {
			return time.Duration(bucketMiddle(uint16(i)))
		}
	}
	return 0
}
