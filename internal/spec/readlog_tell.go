package spec

import (
	"time"

	"e2etap/internal/traffic"
)

// block is a spec, and the stamps among its lines.
type block struct {
	spec traffic.Spec // with the times of its lines by the collector or by go test -json

	own, foreign trail
	pid          int // whose stamps of klog count; 0: the next one's

	isTest    bool // of go test, or a point of TAP
	parallel  bool
	collected bool
	told      bool // the spec has its times
	lone      bool // Start is the only stamp
}

func (b *block) add(st stamp) {
	if st.kind == anyone {
		b.foreign.add(st.at)
		return
	}
	if st.kind == klogged {
		if b.pid == 0 {
			b.pid = st.pid
		}
		if b.pid != st.pid {
			return
		}
	}
	b.own.add(st.at)
}

// collectorDelay is by how much later a collector may have read one line than another, beyond what passed between them.
const collectorDelay = 100 * time.Millisecond

// tell sets the times of all specs.
func tell(blocks []*block) {
	var serial []*block
	for _, b := range blocks {
		b.tell()
		if !b.isTest && !b.parallel && !b.spec.Start.IsZero() && !b.spec.End.IsZero() {
			serial = append(serial, b)
		}
	}
	serial = dropDisordered(serial)
	for i, b := range serial {
		if b.lone {
			b.spec.End = b.spec.Start.Add(b.spec.Duration)
			if i+1 < len(serial) && serial[i+1].spec.Start.Before(b.spec.End) {
				b.spec.End = latest(b.spec.Start, serial[i+1].spec.Start)
			}
		}
	}
	for _, b := range blocks {
		if b.lone && (b.isTest || b.parallel) {
			b.spec.End = b.spec.Start.Add(b.spec.Duration)
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// tell sets the spec's times by its own lines, once they all have come.
func (b *block) tell() {
	if b.told {
		return
	}
	b.tellStamped()
	b.told, b.own, b.foreign = true, trail{}, trail{}
}

func (b *block) tellStamped() {
	first, last, ok := b.own.span(b.limit(2 * resolution))
	if !ok && len(b.own.segments) == 0 && !b.own.lost && !b.collected {
		first, last, ok = b.foreign.span(b.limit(int64(time.Second)))
	}
	if !ok {
		if b.collected {
			b.tellCollected()
		}
		return
	}
	start, end := time.Unix(0, first).UTC(), time.Unix(0, last).UTC()
	read := b.spec
	b.spec.Start, b.spec.End = start, end
	if !read.Start.IsZero() && !read.Start.After(start) && !read.End.Before(end) && b.allows(read) {
		b.spec.Start, b.spec.End = read.Start.UTC(), read.End.UTC()
		return
	}
	b.lone = first == last && read.Duration > 0
}

// limit is how long a spec may last, in nanoseconds, if its stamps are as coarse as that; 0: it is not known.
func (b *block) limit(coarse int64) int64 {
	if b.spec.Duration == 0 {
		return 0
	}
	return int64(b.spec.Duration) + coarse
}

// allows tells whether the times of lines by the collector fit the spec's duration.
func (b *block) allows(read traffic.Spec) bool {
	return read.Duration == 0 || read.End.Sub(read.Start) <= read.Duration+collectorDelay
}

// tellCollected sets the times by the collector's alone: of the header and the end, or of the end if both are printed then.
func (b *block) tellCollected() {
	s := &b.spec
	switch {
	case s.End.IsZero():
		s.Start = time.Time{}
	case s.Start.IsZero() && s.Duration > 0:
		s.Start = s.End.Add(-s.Duration)
	case !s.Start.IsZero() && !b.allows(*s):
		s.End = s.Start.Add(s.Duration)
	}
	s.Start, s.End = s.Start.UTC(), s.End.UTC()
}
