package db

// changes are new values of rows, of which there are few different ones: a million changes take 12 MB. They wait until all rows are
// read, because a table must not change while it is.
type changes[T comparable] struct {
	ids       []int64
	to        []int32 // indexes into different
	different []T
	numbers   map[T]int32
}

func newChanges[T comparable]() *changes[T] { return &changes[T]{numbers: map[T]int32{}} }

func (c *changes[T]) add(id int64, to T) {
	n, known := c.numbers[to]
	if !known {
		n = int32(len(c.different))
		c.numbers[to], c.different = n, append(c.different, to)
	}
	c.ids, c.to = append(c.ids, id), append(c.to, n)
}
