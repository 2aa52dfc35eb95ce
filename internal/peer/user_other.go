//go:build !linux

package peer

import "fmt"

// User returns the effective user ID of a process. It gives ErrGone if there is no such process.
func User(pid int) (uint32, error) {
	p, _, err := open(pid)
	if err != nil {
		return 0, err
	}
	ids, err := p.Uids() // real, effective, …
	if err == nil && len(ids) < 2 {
		err = fmt.Errorf("users %v, want two at least", ids)
	}
	if err != nil {
		return 0, failed(pid, err)
	}
	return uint32(ids[1]), nil
}
