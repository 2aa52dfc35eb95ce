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

	Verdicts   map[Verdict]int // the requests of the run, by what is said of them
	Unrecorded map[Verdict]int // those that only the audit log has of its time; nil if there is no log of that
}

// Verdict is what is said of a request.
type Verdict struct {
	Role   traffic.Role
	Source traffic.Source
	Why    traffic.Why
}

// Move is a change of the source that named a test.
type Move struct{ From, To traffic.Source }

// RetagChanges is [Retag] and tells what has changed. It calls tick twice for each request, once as it learns from it.
func RetagChanges(e *db.Editor, run db.RunInfo, tick func()) (Changes, error) {
	c := Changes{Moves: map[Move]int{}, Verdicts: map[Verdict]int{}}
	_, err := retag(e, run, tick, func(was traffic.Attribution, q *traffic.Request) {
		tick()
		c.Requests++
		c.Verdicts[Verdict{traffic.RoleTest, q.Source, q.Why}]++
		if q.Test != was.Test {
			c.OtherTest++
		}
		if q.Attribution != was {
			c.Changed++
			c.Moves[Move{was.Source, q.Source}]++
		}
	}, func(j *db.Judgement) {
		if c.Unrecorded == nil {
			c.Unrecorded = map[Verdict]int{}
		}
		c.Unrecorded[Verdict{j.Role, j.Source, j.Why}]++
	})
	return c, err
}
