package peer

import (
	"bytes"
	"fmt"
	"strconv"
)

// User returns the effective user ID of a process. It gives ErrGone if there is no such process.
func User(pid int) (uint32, error) {
	h, err := openProcess("/proc", pid)
	if err != nil {
		return 0, failed(pid, err)
	}
	defer h.close()
	b, err := h.read("status", maxPath) // the folder itself is root's if the process may not be looked into
	if err != nil {
		return 0, failed(pid, err)
	}
	return parseUser(b)
}

// parseUser returns the second user ID in the line "Uid:" of a process's status (proc_pid_status(5)).
func parseUser(status []byte) (uint32, error) {
	_, line, _ := bytes.Cut(status, []byte("\nUid:"))
	line, _, _ = bytes.Cut(line, []byte("\n"))
	if ids := bytes.Fields(line); len(ids) == 4 {
		uid, err := strconv.ParseUint(string(ids[1]), 10, 32)
		return uint32(uid), err
	}
	return 0, fmt.Errorf("status of a process: users %q, want 4 numbers", line)
}
