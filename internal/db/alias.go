package db

// alias maps IDs to the first one that was met with the same key, so that what is grouped by keys has few different IDs: there may be
// a User-Agent for each test, and a process for each call of kubectl.
type alias struct {
	of    map[int64]int64
	first map[string]int64
}

func newAlias() *alias { return &alias{map[int64]int64{}, map[string]int64{}} }

// id calls key for IDs that are new.
func (a *alias) id(id int64, key func(id int64) (string, error)) (int64, error) {
	if first, known := a.of[id]; known {
		return first, nil
	}
	k, err := key(id)
	if err != nil {
		return 0, err
	}
	first, known := a.first[k]
	if !known {
		first = id
		a.first[k] = id
	}
	a.of[id] = first
	return first, nil
}
