package main

import (
	"errors"
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
	number := 0
	must(b.t, control(user, func(fd int) (err error) {
		number, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
		return errors.Join(err, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	}))
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
		v.kill()
		user.Close() // ends the reading, whoever still has the other side
		<-v.read
		if len(v.unknown) > 0 {
			b.t.Errorf("sequences that the model does not know: %q", v.unknown)
		}
	})
	return v
}

// control calls f with the file's descriptor. Fd would make the file blocking: Close would not end a Read any more.
func control(file *os.File, f func(fd int) error) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) { err = f(int(fd)) })
	return errors.Join(failed, err)
}

func (v *terminal) setSize(rows, columns int) error {
	return control(v.user, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(rows), Col: uint16(columns)})
	})
}

// resizeWindow changes the size of the screen and of the terminal at a moment when nothing is on its way between them:
// what was drawn for the old size and arrives in the new one hits a wrong line, in every terminal.
func (v *terminal) resizeWindow(rows, columns int) {
	v.t.Helper()
	v.signal(syscall.SIGSTOP)
	must(v.t, unix.Waitid(unix.P_PID, v.cmd.Process.Pid, nil, unix.WSTOPPED, nil))
	v.drain()
	v.resize(rows)
	must(v.t, v.setSize(rows, columns))
	v.signal(syscall.SIGCONT)
}

// drain returns when all that has been written to the terminal is on the screen.
func (v *terminal) drain() {
	v.t.Helper()
	side, err := os.OpenFile(v.name, os.O_WRONLY|syscall.O_NOCTTY, 0)
	must(v.t, err)
	defer side.Close()
	rung := v.rung()
	_, err = side.WriteString("\a")
	must(v.t, err)
	v.shows("the bell", func() bool { return v.rung() > rung })
}

// shows waits for the screen to show something.
func (v *terminal) shows(what string, condition func() bool) {
	v.t.Helper()
	for deadline := time.Now().Add(hang); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			v.t.Fatalf("not in time: %s\nscreen:\n%s\nbytes: %q", what, v.text(), v.bytes())
		}
	}
}

// ended waits for the exit code and all output.
func (v *terminal) ended(code int) {
	v.t.Helper()
	select {
	case <-v.done:
	case <-time.After(hang):
		v.abort()
		v.t.Fatalf("%v has not ended\nscreen:\n%s\nbytes: %q", v.cmd.Args, v.text(), v.bytes())
	}
	select {
	case <-v.read:
	case <-time.After(hang):
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
