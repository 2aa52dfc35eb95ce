package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal with a process on it, and what its user sees.
type terminal struct {
	*process
	*screenModel
	user *os.File // the side where the keyboard is
	name string
	read chan struct{} // closed when all output has been read
}

// openTerminal starts a command on a terminal that controls it.
func (b *bench) openTerminal(rows, columns int, name string, args ...string) *terminal {
	b.t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	must(b.t, err)
	must(b.t, unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	must(b.t, err)
	v := &terminal{screenModel: newScreenModel(rows, columns), user: user, name: fmt.Sprintf("/dev/pts/%d", number)}
	must(b.t, v.setSize(rows, columns))
	side, err := os.OpenFile(v.name, os.O_RDWR|syscall.O_NOCTTY, 0)
	must(b.t, err)
	defer side.Close()
	v.process = b.command(name, args...)
	v.cmd.Stdin, v.cmd.Stdout, v.cmd.Stderr = side, side, side
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	v.start()
	v.read = make(chan struct{})
	go func() {
		defer close(v.read)
		io.Copy(v.screenModel, user) // until the last process has closed its side
	}()
	b.t.Cleanup(func() {
		v.cmd.Process.Kill()
		<-v.done
		user.Close()
		<-v.read
		if len(v.unknown) > 0 {
			b.t.Errorf("sequences that the model does not know: %q", v.unknown)
		}
	})
	return v
}

func (v *terminal) setSize(rows, columns int) error {
	return unix.IoctlSetWinsize(int(v.user.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(rows), Col: uint16(columns)})
}

// shows waits for the screen to show something.
func (v *terminal) shows(what string, condition func() bool) {
	v.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			v.t.Fatalf("not in time: %s\nscreen:\n%s\nbytes: %q", what, v.text(), v.bytes())
		}
	}
}

// ended waits for the exit code and all output.
func (v *terminal) ended(code int) {
	v.t.Helper()
	<-v.done
	select {
	case <-v.read:
	case <-time.After(10 * time.Second):
		v.t.Fatal("somebody still has the terminal")
	}
	if got := v.cmd.ProcessState.ExitCode(); got != code {
		v.t.Fatalf("exit code %d, want %d\nscreen:\n%s", got, code, v.text())
	}
}

// gates are named pipes by which a test tells a script when to go on: "read x < go1".
func (b *bench) gate(name string) (open func()) {
	path := filepath.Join(b.dir, name)
	must(b.t, syscall.Mkfifo(path, 0o600))
	return func() {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		must(b.t, err)
		b.t.Cleanup(func() { f.Close() })
		_, err = f.WriteString("go\n")
		must(b.t, err)
	}
}
