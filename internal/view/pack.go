package view

import (
	"encoding/binary"
	"encoding/json"
)

// Packed are columns in little space. Its parts follow each other, and are best compressed one by one, since they have little in common:
// the length of what follows as JSON, that JSON (the fields of Columns but the columns of numbers, and "requests", how many there are),
// and the columns Start, Duration, Endpoint, Kind, Namespace and, if Names is not null, Name. Lengths and numbers are unsigned varints
// (encoding/binary). Endpoint's are places in "endpoints", which says which of Model.Endpoints they are.
type Packed struct {
	bytes []byte
	ends  []int // of the parts
}

// Pack packs columns, in place of what p was before.
func (p *Packed) Pack(c *Columns) error {
	used, places := firstUses(c.Endpoint)
	header, err := json.Marshal(packedHeader{
		Requests: len(c.Start), Endpoints: used, Test: c.Test, From: c.From, Exact: c.Exact, Kinds: c.Kinds, Namespaces: c.Namespaces, Names: c.Names,
	})
	if err != nil {
		return err
	}
	p.bytes = append(binary.AppendUvarint(p.bytes[:0], uint64(len(header))), header...)
	p.ends = append(p.ends[:0], len(p.bytes))
	for _, column := range [...][]uint32{c.Start, c.Duration, places, c.Kind, c.Namespace, c.Name} {
		for _, n := range column {
			p.bytes = binary.AppendUvarint(p.bytes, uint64(n))
		}
		p.ends = append(p.ends, len(p.bytes))
	}
	return nil
}

// Parts are the packed columns' parts.
func (p *Packed) Parts() [][]byte {
	parts := make([][]byte, len(p.ends))
	from := 0
	for i, end := range p.ends {
		parts[i], from = p.bytes[from:end], end
	}
	return parts
}

type packedHeader struct {
	Requests   int      `json:"requests"`
	Endpoints  []uint32 `json:"endpoints"`
	Test       string   `json:"test"`
	From       int64    `json:"from"`
	Exact      bool     `json:"exact"`
	Kinds      []Kind   `json:"kinds"`
	Namespaces []string `json:"namespaces"`
	Names      []string `json:"names,omitempty"`
}

// firstUses lists the different numbers of a column in the order they come first, and the places in that list of all.
func firstUses(column []uint32) (used, places []uint32) {
	known := map[uint32]uint32{}
	places = make([]uint32, len(column))
	for i, n := range column {
		place, is := known[n]
		if !is {
			place = uint32(len(used))
			known[n], used = place, append(used, n)
		}
		places[i] = place
	}
	return used, places
}
