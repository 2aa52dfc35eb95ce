package coverage

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Dimension is something by which Summarize groups operations.
type Dimension string

// The dimensions.
const (
	Level Dimension = "level" // stable, beta, alpha
	Group Dimension = "group" // of the object that is sent or answered, as the documents have it; "" for the core group
	Kind  Dimension = "kind"  // likewise; "" where the documents name none
	Verb  Dimension = "verb"  // see Op.Verb
)

// Dimensions lists them all.
func Dimensions() []Dimension { return []Dimension{Level, Group, Kind, Verb} }

// Choice says which operations and requests count. The zero value takes all.
type Choice struct {
	OnlyConformance bool // requests of conformance tests
	Successful      bool // requests that succeeded
	Eligible        bool // eligible operations
}

// Summary is what a group of operations amounts to.
type Summary struct {
	Keys       []string // of the dimensions
	Operations int64
	Hit        int64 // operations that a request was for
	Succeeded  int64 // of these, with success

	Conformance         int64 // of Hit, for a conformance test
	Eligible            int64 // of Operations
	EligibleConformance int64 // of Eligible, hit by a conformance test
}

// Summarize groups the operations. The groups are in the order of their keys, levels from stable to alpha.
func (r *Run) Summarize(by []Dimension, c Choice) (groups []Summary, total Summary) {
	found := map[string]*Summary{}
	for i := range r.Operations {
		op := &r.Operations[i]
		if c.Eligible && !op.Eligible {
			continue
		}
		keys := op.keys(by)
		id := strings.Join(keys, "\x00")
		if found[id] == nil {
			found[id] = &Summary{Keys: keys}
		}
		found[id].add(op, c)
		total.add(op, c)
	}
	for _, s := range slices.SortedFunc(maps.Values(found), func(a, b *Summary) int { return compareKeys(by, a.Keys, b.Keys) }) {
		groups = append(groups, *s)
	}
	return groups, total
}

// Chosen are the numbers of an operation's requests that count.
func (o *Op) Chosen(c Choice) (hits, successes, conformance int64) {
	for i := range o.Tests {
		u := &o.Tests[i]
		if c.OnlyConformance && !u.Conformance {
			continue
		}
		n := u.Requests
		if c.Successful {
			n = u.Successes
		}
		hits += n
		successes += u.Successes
		if u.Conformance {
			conformance += n
		}
	}
	return hits, successes, conformance
}

func (s *Summary) add(op *Op, c Choice) {
	hits, successes, conformance := op.Chosen(c)
	s.Operations++
	s.Hit += one(hits > 0)
	s.Succeeded += one(successes > 0)
	s.Conformance += one(conformance > 0)
	s.Eligible += one(op.Eligible)
	s.EligibleConformance += one(op.Eligible && conformance > 0)
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// Verb is Kubernetes' name of what an operation does: get, list, watch, create, update, patch, delete, deletecollection or
// connect (all methods of exec, proxy and their like); for what is no resource the method in small letters.
func (o *Op) Verb() string {
	switch o.Action {
	case "post":
		return "create"
	case "put":
		return "update"
	case "watchlist":
		return "watch"
	case "":
		return strings.ToLower(o.Method)
	}
	return o.Action
}

func (o *Op) keys(by []Dimension) []string {
	keys := make([]string, len(by))
	for i, d := range by {
		switch d {
		case Level:
			keys[i] = o.Level.String()
		case Group:
			keys[i] = o.Group
		case Kind:
			keys[i] = o.Kind
		case Verb:
			keys[i] = o.Verb()
		}
	}
	return keys
}

func compareKeys(by []Dimension, a, b []string) int {
	for i, d := range by {
		c := cmp.Compare(a[i], b[i])
		if d == Level {
			c = -c // stable, beta, alpha: the alphabet's order is the reverse
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
