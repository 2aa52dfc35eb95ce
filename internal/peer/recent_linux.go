package peer

import (
	"slices"
	"sync"
)

const (
	maxRecent = 16 // owners that are remembered
	maxTried  = 4  // of those, how many are tried before all others: each costs a look at all that it has open
)

// recent remembers the PIDs of the last owners. It is a hint where to look first and may be wrong.
type recent struct {
	mu   sync.Mutex
	list []owner // the latest first
}

type owner struct {
	pid   int
	often bool // owned more than one connection, so it is likely to own the next; a kubectl makes one and ends
}

func (r *recent) note(pid int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.list, func(o owner) bool { return o.pid == pid })
	if at >= 0 {
		r.list = slices.Delete(r.list, at, at+1)
	}
	r.list = slices.Insert(r.list, 0, owner{pid, at >= 0})
	r.list = r.list[:min(len(r.list), maxRecent)]
}

// likely returns whom to try first.
func (r *recent) likely() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	var pids []int
	for _, o := range r.list {
		if o.often && len(pids) < maxTried {
			pids = append(pids, o.pid)
		}
	}
	return pids
}
