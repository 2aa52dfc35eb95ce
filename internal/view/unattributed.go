package view

import "e2etap/internal/db"

// Unattributed are requests without a test that are alike: those of "report --untagged".
type Unattributed struct {
	Client  string `json:"client"`
	Command string `json:"command"`
	Why     string `json:"why"`
	Sums
}

// LoadUnattributed reads why requests of a run have no test, most requests first. It reads the rows of these requests.
func LoadUnattributed(r *db.Reader, info db.RunInfo) ([]Unattributed, error) {
	groups, _, err := r.Summarize([]db.Dimension{db.Client, db.Command, db.Why}, db.Filter{Runs: []int64{info.ID}, Tests: []string{""}})
	return unattributedOf(groups), err
}

func unattributedOf(groups []db.Group) []Unattributed {
	all := make([]Unattributed, 0, len(groups))
	for i := range groups {
		g := &groups[i]
		all = append(all, Unattributed{g.Keys[0], g.Keys[1], g.Keys[2], sumsOf(g)})
	}
	return all
}
