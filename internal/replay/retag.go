package replay

import (
	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Changes tells what attributing anew has changed.
type Changes struct {
	Requests  int          // of the run
	Changed   int          // requests with another attribution than before
	OtherTest int          // of these, requests with another test
	Moves     map[Move]int // of these, by what named their test then and now
}

// Move is a change of the source that named a test.
type Move struct{ From, To traffic.Source }

// RetagChanges is [Retag] and tells what has changed. It calls tick twice for each request, once as it learns from it.
func RetagChanges(e *db.Editor, run Run, tick func()) (Changes, error) {
	c := Changes{Moves: map[Move]int{}}
	_, err := retag(e, run, tick, func(was traffic.Attribution, q *traffic.Request) {
		tick()
		c.Requests++
		if q.Test != was.Test {
			c.OtherTest++
		}
		if q.Attribution != was {
			c.Changed++
			c.Moves[Move{was.Source, q.Source}]++
		}
	})
	return c, err
}
