package db

import "encoding/binary"

// value is one of the combinations that are stored once. Its encoding is what interners know it by.
type value interface{ append([]byte) []byte }

// valueHeader is the size of the length that stands before a value in a record.
const valueHeader = 4

func appendValue[V value](b []byte, v V) []byte {
	start := len(b) + valueHeader
	b = v.append(append(b, make([]byte, valueHeader)...))
	binary.LittleEndian.PutUint32(b[start-valueHeader:], uint32(len(b)-start))
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendStrings(b []byte, texts ...string) []byte {
	for _, s := range texts {
		b = appendString(b, s)
	}
	return b
}

// decoder takes values off the front of rest. After the first failure it yields zeros only.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

// value takes an encoded value, which is never empty.
func (d *decoder) value() []byte {
	var v []byte
	if n := d.take(valueHeader); n != nil {
		v = d.take(uint64(binary.LittleEndian.Uint32(n)))
	}
	if len(v) == 0 {
		d.fail()
	}
	return v
}

func (d *decoder) text() []byte   { return d.take(d.uint()) }
func (d *decoder) string() string { return string(d.text()) }

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.fail()
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) uint() uint64 {
	v, n := uvarint(d.rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) int() int64 {
	u := d.uint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) fail() { d.failed, d.rest = true, nil }

// end is to be called when nothing should be left.
func (d *decoder) end() error {
	if d.failed || len(d.rest) > 0 {
		return errRecord
	}
	return nil
}
