package peer

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

func TestUserOfAProcess(t *testing.T) {
	if uid, err := User(os.Getpid()); err != nil || int(uid) != os.Geteuid() {
		t.Errorf("our own: %d, %v; want %d", uid, err, os.Geteuid())
	}
	if os.Getuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	const nobody = 65534
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	if uid, err := User(cmd.Process.Pid); err != nil || uid != nobody {
		t.Errorf("nobody's: %d, %v; want %d", uid, err, nobody)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if uid, err := User(cmd.Process.Pid); !errors.Is(err, ErrGone) {
		t.Errorf("after its end: %d, %v; want ErrGone", uid, err)
	}
}

// Of the four it is the effective one, as in a program with the set-user-ID bit.
func TestParseUserTakesTheEffectiveOne(t *testing.T) {
	uid, err := parseUser([]byte("Name:\tx\nPid:\t7\nUid:\t1000\t4294967294\t3\t4\nGid:\t5\t6\t7\t8\n"))
	if err != nil || uid != 4294967294 {
		t.Errorf("%d, %v; want the second", uid, err)
	}
	for _, status := range []string{"", "\nUid:", "\nUid:\t1\t2\n", "\nUid:\t1\tx\t3\t4\n", "\nUid:\t1\t4294967296\t3\t4\n"} {
		if uid, err := parseUser([]byte(status)); err == nil {
			t.Errorf("%q: %d, want an error", status, uid)
		}
	}
}
