package rundiff

import (
	"cmp"
	"slices"
)

// Kind is what kind of change it is.
type Kind string

// The kinds, in the order of what Compare returns.
const (
	OperationGained     Kind = "operation gained" // in the run as a whole
	OperationLost       Kind = "operation lost"
	TestGained          Kind = "test gained"
	TestLost            Kind = "test lost"
	ClientGained        Kind = "client gained" // among requests without a test
	ClientLost          Kind = "client lost"
	TestOperationGained Kind = "test operation gained" // of a test, or a client without test, that both runs have
	TestOperationLost   Kind = "test operation lost"
	RequestsUp          Kind = "requests up"
	RequestsDown        Kind = "requests down"
	WatchesUp           Kind = "watches up"
	WatchesDown         Kind = "watches down"
	ConflictsUp         Kind = "conflicts up"
	ConflictsDown       Kind = "conflicts down"
	DiscoveryUp         Kind = "discovery up"
	DiscoveryDown       Kind = "discovery down"
	ErrorGained         Kind = "error gained"
	ErrorLost           Kind = "error lost"
)

// Kinds lists them in order.
func Kinds() []Kind {
	return []Kind{
		OperationGained, OperationLost, TestGained, TestLost, ClientGained, ClientLost, TestOperationGained, TestOperationLost,
		RequestsUp, RequestsDown, WatchesUp, WatchesDown, ConflictsUp, ConflictsDown, DiscoveryUp, DiscoveryDown, ErrorGained, ErrorLost,
	}
}

// Options says when a number of requests counts as changed: if it does so by more than a share of what it was before, and by
// no less than a number.
type Options struct {
	Threshold float64 // 0.2 is 20 %
	AtLeast   int64
}

// Usual are those that leave out what varies between two runs of the same code.
func Usual() Options { return Options{Threshold: 0.2, AtLeast: 5} }

// Change is one difference.
type Change struct {
	Kind          Kind
	Subject       Subject // zero for what is of the run as a whole
	Operation     string  // "" where the change is not of a single one
	Status        int64   // of errors; else 0
	Before, After int64   // requests
}

// Compare returns what changed from a to b, ordered by kind, test, client, operation and status. Of a test that only one run has
// it is said that it came or went, and not what it asks for.
func Compare(a, b *Side, o Options) []Change {
	c := comparison{options: o}
	c.operations(a.operations(), b.operations(), OperationGained, OperationLost, Subject{})
	for who := range merged(a.subjects, b.subjects) {
		before, after := a.subjects[who], b.subjects[who]
		switch {
		case who.isDiscovery():
			c.discovery(before, after)
		case before == nil:
			c.add(who.gained(), who, 0, after.total())
		case after == nil:
			c.add(who.lost(), who, before.total(), 0)
		default:
			c.subject(who, before, after)
		}
	}
	slices.SortFunc(c.changes, compareChanges)
	return c.changes
}

func (s Subject) gained() Kind {
	if s.Test != "" {
		return TestGained
	}
	return ClientGained
}

func (s Subject) lost() Kind {
	if s.Test != "" {
		return TestLost
	}
	return ClientLost
}

func (c *counts) total() int64 { return c.requests + c.watches }

type comparison struct {
	options Options
	changes []Change
}

func (c *comparison) add(kind Kind, who Subject, before, after int64) {
	c.changes = append(c.changes, Change{Kind: kind, Subject: who, Before: before, After: after})
}

func (c *comparison) subject(who Subject, before, after *counts) {
	c.operations(before.operations, after.operations, TestOperationGained, TestOperationLost, who)
	c.requests(who, before, after)
	c.number(WatchesUp, WatchesDown, who, before.watches, after.watches, c.options.AtLeast)
	c.number(ConflictsUp, ConflictsDown, who, before.conflicts, after.conflicts, raceFactor*c.options.AtLeast)
	c.errors(who, before.errors, after.errors)
}

// discovery compares all of it; a run may have none.
func (c *comparison) discovery(before, after *counts) {
	none := &counts{}
	before, after = cmp.Or(before, none), cmp.Or(after, none)
	c.number(DiscoveryUp, DiscoveryDown, Subject{}, before.requests, after.requests, c.options.AtLeast)
	c.errors(Subject{}, before.errors, after.errors)
}

// operations says which of them only one side has.
func (c *comparison) operations(before, after map[string]int64, gained, lost Kind, who Subject) {
	for operation := range merged(before, after) {
		change := Change{Kind: gained, Subject: who, Operation: operation, Before: before[operation], After: after[operation]}
		switch {
		case change.After == 0:
			change.Kind = lost
		case change.Before != 0:
			continue
		}
		c.changes = append(c.changes, change)
	}
}

func (c *comparison) errors(who Subject, before, after map[failure]int64) {
	for kind := range merged(before, after) {
		change := Change{Kind: ErrorGained, Subject: who, Operation: kind.operation, Status: kind.status, Before: before[kind], After: after[kind]}
		switch {
		case change.After == 0:
			change.Kind = ErrorLost
		case change.Before != 0:
			continue
		}
		c.changes = append(c.changes, change)
	}
}

// raceFactor is how much more than of other requests there must be of conflicts: kubectl diff alone tries an object five times.
const raceFactor = 4

// requests leaves out of the side that has more what its conflicts may account for: the request, and the read before the next try.
func (c *comparison) requests(who Subject, before, after *counts) {
	a, b := before.requests, after.requests
	if b > a {
		b = max(a, b-2*after.conflicts)
	} else {
		a = max(b, a-2*before.conflicts)
	}
	if kind := c.changed(RequestsUp, RequestsDown, a, b, c.options.AtLeast); kind != "" {
		c.add(kind, who, before.requests, after.requests)
	}
}

func (c *comparison) number(up, down Kind, who Subject, before, after, atLeast int64) {
	if kind := c.changed(up, down, before, after, atLeast); kind != "" {
		c.add(kind, who, before, after)
	}
}

// changed returns which of two kinds of change it is, "" if it is too small.
func (c *comparison) changed(up, down Kind, before, after, atLeast int64) Kind {
	kind, change := up, after-before
	if change < 0 {
		kind, change = down, -change
	}
	if change > 0 && change >= atLeast && float64(change) > c.options.Threshold*float64(before) {
		return kind
	}
	return ""
}

// merged has the keys of both.
func merged[K comparable, V any](a, b map[K]V) map[K]bool {
	keys := map[K]bool{}
	for _, m := range []map[K]V{a, b} {
		for k := range m {
			keys[k] = true
		}
	}
	return keys
}

func compareChanges(a, b Change) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind)), cmp.Compare(a.Subject.Test, b.Subject.Test),
		cmp.Compare(a.Subject.Client, b.Subject.Client), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Status, b.Status))
}
