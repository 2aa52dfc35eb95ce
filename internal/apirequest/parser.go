package apirequest

import (
	"hash/maphash"
	"sync/atomic"

	"e2etap/internal/traffic"
)

const (
	remembered = 1024 // requests; a power of two
	rememberTo = 2048 // bytes of path and query: longer ones are not remembered
)

// Parser is Parse with a memory of the latest requests. Tests poll, and the apiserver's parser takes up to ten
// microseconds for the options of a list or watch, as much as all recording. A Parser may be used concurrently; its
// zero value does not work, see NewParser.
type Parser struct {
	seed  maphash.Seed
	slots [remembered]atomic.Pointer[parsed]
}

// parsed is a request and what it asks for. It does not change.
type parsed struct {
	asked asked
	api   traffic.API
	query traffic.Query
}

type asked struct{ method, path, rawQuery string }

// NewParser returns a Parser.
func NewParser() *Parser { return &Parser{seed: maphash.MakeSeed()} }

// Parse returns what the function Parse does.
func (p *Parser) Parse(method, path, rawQuery string) (traffic.API, traffic.Query) {
	a := asked{method, path, rawQuery}
	slot := &p.slots[maphash.Comparable(p.seed, a)%remembered]
	if hit := slot.Load(); hit != nil && hit.asked == a {
		return hit.api, hit.query
	}
	api, query := Parse(method, path, rawQuery)
	if len(path)+len(rawQuery) <= rememberTo {
		slot.Store(&parsed{a, api, query})
	}
	return api, query
}
