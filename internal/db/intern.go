package db

// interned is a value that is stored once.
type interned[K any] interface {
	comparable
	clone() K  // one that keeps no larger string alive
	size() int // of its strings
}

// interner gives ids to values that are stored once. It remembers at least the last internCount values (fewer, if they are
// long) in two maps: when the young one is full, it becomes the old one and the old one is dropped. So memory stays bounded
// and what is in use is never forgotten; what is forgotten and comes back is stored again, with another id.
type interner[K interned[K]] struct {
	young, old map[K]int64
	weight     int   // of young's strings
	next       int64 // the id for the next new value
	store      func(id int64, value K) error
}

const (
	internCount = 1 << 16
	internBytes = 16 << 20
)

func newInterner[K interned[K]](store func(int64, K) error) *interner[K] {
	return &interner[K]{young: map[K]int64{}, next: 1, store: store}
}

// id returns the value's id and stores the value if it has none.
func (in *interner[K]) id(value K) (int64, error) {
	if id, ok := in.young[value]; ok {
		return id, nil
	}
	id, ok := in.old[value]
	if !ok {
		id = in.next
		if err := in.store(id, value); err != nil {
			return 0, err
		}
	}
	in.remember(id, value.clone())
	return id, nil
}

// remember takes note of a stored value.
func (in *interner[K]) remember(id int64, value K) {
	if len(in.young) >= internCount || in.weight >= internBytes {
		in.old, in.young, in.weight = in.young, map[K]int64{}, 0
	}
	in.young[value] = id
	in.weight += value.size()
	in.next = max(in.next, id+1)
}
