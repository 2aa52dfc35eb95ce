package db

import "database/sql/driver"

// interner gives ids to values that are stored once, known by their encoding. It remembers at least the last internCount values
// (fewer, if they are long) in two maps: when the young one is full, it becomes the old one and the old one is dropped. So
// memory stays bounded and what is in use is never forgotten; what is forgotten and comes back is stored again, with
// another id.
type interner struct {
	young, old map[string]*ref
	weight     int   // of young's keys
	next       int64 // the id for the next new value
	store      func(r *ref, key []byte) error
}

// ref stands for a stored value.
type ref struct {
	id  int64
	arg driver.Value // id, ready to be bound: a conversion for each row would allocate

	traits traits // of an endpoint
	source int64  // of an attribution
	test   *ref   // of a client: what its User-Agent names
}

const (
	internCount = 1 << 16
	internBytes = 16 << 20
)

// nothing is the empty text, which every table of texts has.
var nothing = &ref{arg: int64(0)}

// newInterner makes an interner for which store stores new values, and completes their ref.
func newInterner(store func(*ref, []byte) error) *interner {
	return &interner{young: map[string]*ref{}, next: 1, store: store}
}

// ref returns what stands for the value, which it stores if it is new, unless err holds an error already.
func (in *interner) ref(key []byte, err *error) *ref {
	if len(key) == 0 || *err != nil {
		return nothing
	}
	if r, ok := in.young[string(key)]; ok {
		return r
	}
	r, ok := in.old[string(key)]
	if !ok {
		r = newRef(in.next)
		if *err = in.store(r, key); *err != nil {
			return nothing
		}
	}
	in.remember(r, key)
	return r
}

func newRef(id int64) *ref { return &ref{id: id, arg: id} }

// remember takes note of a stored value.
func (in *interner) remember(r *ref, key []byte) {
	if len(in.young) >= internCount || in.weight >= internBytes {
		in.old, in.young, in.weight = in.young, map[string]*ref{}, 0
	}
	in.young[string(key)] = r
	in.weight += len(key)
	in.next = max(in.next, r.id+1)
}
