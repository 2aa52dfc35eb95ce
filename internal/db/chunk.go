package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

const chunkSize = 1 << 20

// chunk is a part of a pending file in memory, to be used again and again.
type chunk struct {
	buf    []byte
	bodies [][]byte // parts of buf
}

// read fills c with the bodies of at most limit whole records from offset on and before end, about a megabyte of them, and
// returns the offset behind them. No records and no error mean that what is at offset is not a whole record.
func (p *pendingFile) read(c *chunk, generation uint64, offset, end int64, limit int) (next int64, err error) {
	if cap(c.buf) > 4*chunkSize {
		c.buf = nil // one long record is no reason to keep so much
	}
	for size := min(end-offset, chunkSize); ; {
		c.buf = slices.Grow(c.buf[:0], int(size))[:size]
		n, err := p.f.ReadAt(c.buf, offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return offset, fmt.Errorf("read pending file: %w", err)
		}
		bodies, used, need := splitRecords(c.bodies[:0], c.buf[:n], generation, offset, limit)
		c.bodies = bodies
		if len(bodies) > 0 || need <= size || offset+need > end {
			return offset + used, nil
		}
		size = need // one record that is larger than the buffer
	}
}

// splitRecords appends to bodies the bodies of the whole records at the start of b, and returns how many bytes they take,
// and how many the first one would take that is not whole.
func splitRecords(bodies [][]byte, b []byte, generation uint64, offset int64, limit int) (_ [][]byte, used, need int64) {
	for len(bodies) < limit && int64(len(b))-used >= recordHeader {
		size := binary.LittleEndian.Uint32(b[used:])
		sum := binary.LittleEndian.Uint32(b[used+4:])
		if size == 0 || size > maxRecordBody {
			break
		}
		stop := used + recordHeader + int64(size)
		if stop > int64(len(b)) {
			need = stop - used
			break
		}
		body := b[used+recordHeader : stop]
		if checksum(generation, offset+used, body) != sum {
			break
		}
		bodies = append(bodies, body)
		used = stop
	}
	return bodies, used, need
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(generation uint64, offset int64, body []byte) uint32 {
	var place [16]byte
	binary.LittleEndian.PutUint64(place[:], generation)
	binary.LittleEndian.PutUint64(place[8:], uint64(offset))
	return crc32.Update(crc32.Checksum(place[:], castagnoli), castagnoli, body)
}
