package peer

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// accept returns our end of a connection that connect makes.
func accept(t *testing.T, address string, connect func(address string)) net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { l.Close() })
	connect(l.Addr().String())
	l.(*net.TCPListener).SetDeadline(time.Now().Add(10 * time.Second))
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

func dial(t *testing.T, keep *net.Conn) func(string) {
	return func(address string) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if keep != nil {
			*keep = c
		}
	}
}

// uidOf asks as the gateway does: for the other end, then for whose it is.
func uidOf(conn net.Conn) (uint32, error) {
	s, err := Lookup(conn)
	if err != nil {
		return 0, err
	}
	return s.UID()
}

func TestUIDIsThatOfTheOtherEnd(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "127.0.0.2:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			// others with the same port must not confuse it
			for range 5 {
				accept(t, address, dial(t, nil))
			}
			if uid, err := uidOf(accept(t, address, dial(t, nil))); err != nil || int(uid) != os.Getuid() {
				t.Errorf("%d, %v; want %d", uid, err, os.Getuid())
			}
		})
	}
}

// A listener for every address takes IPv4 connections on an IPv6 socket; their addresses are IPv4-mapped.
func TestUIDOfAMappedAddress(t *testing.T) {
	server := accept(t, "[::]:0", func(address string) {
		_, port, _ := net.SplitHostPort(address)
		dial(t, nil)("127.0.0.1:" + port)
	})
	if uid, err := uidOf(server); err != nil || int(uid) != os.Getuid() {
		t.Errorf("%d, %v; want %d", uid, err, os.Getuid())
	}
}

func TestUIDOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	const nobody = 65534
	server := accept(t, "127.0.0.1:0", func(address string) {
		_, port, _ := net.SplitHostPort(address)
		cmd := exec.Command("bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%s; cat <&3", port))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		if err := cmd.Start(); err != nil {
			t.Skip(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	})
	if uid, err := uidOf(server); err != nil || uid != nobody {
		t.Errorf("%d, %v; want %d", uid, err, nobody)
	}
}

// The kernel says of a socket that its process has closed that it is root's.
func TestUIDOfAClosedEndIsGone(t *testing.T) {
	var client net.Conn
	server := accept(t, "127.0.0.1:0", dial(t, &client))
	client.Close()
	if uid, err := uidOf(server); !errors.Is(err, ErrGone) {
		t.Errorf("%d, %v; want ErrGone", uid, err)
	}
	client = nil
	server = accept(t, "127.0.0.1:0", dial(t, &client))
	client.(*net.TCPConn).SetLinger(0)
	client.Close()
	if uid, err := uidOf(server); !errors.Is(err, ErrGone) || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("after a reset: %d, %v; want ErrGone", uid, err)
	}
}

func TestUIDOfOtherConnectionsIsUnknown(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if _, err := uidOf(a); !errors.Is(err, ErrUnknown) {
		t.Errorf("a pipe: %v, want ErrUnknown", err)
	}
}
