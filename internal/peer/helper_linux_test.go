package peer

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// helperVariable makes the test's binary another program. Its value names which.
const helperVariable = "PEER_TEST_HELPER"

func TestMain(m *testing.M) {
	programs := map[string]func(args []string) error{
		"client": client, "hold": hold, "starter": starter, "forker": forker, "true": succeed, "find": findOne,
	}
	name := os.Getenv(helperVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := programs[name](os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "helper", name, err)
		os.Exit(1)
	}
}

// helper returns a command that runs one of the programs below, whose errors are part of the test's output.
func helper(t testing.TB, name string, args ...string) *exec.Cmd {
	cmd := command(name, args...)
	cmd.Stderr = t.Output()
	return cmd
}

func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Args[0] = name
	cmd.Env = append(os.Environ(), helperVariable+"="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

// client connects to ADDRESS, says its PID and its parent's, and then does what it is told over the connection, one
// line each, until the connection ends. It answers "done" to all that leaves it where it was.
func client(args []string) error {
	address := args[0]
	c, err := connect(address)
	if err != nil {
		return err
	}
	var children sync.WaitGroup // not waited for: they end when they lose us, or their own connections
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		word, argument, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "connect":
			_, err = connect(address)
		case "spawn": // a client of its own
			err = start(&children, command("client", address))
		case "exec": // another program name, with a new connection
			return syscall.Exec("/proc/self/exe", []string{argument, address}, os.Environ())
		case "share": // connect, let N children inherit that, close it or keep it
			n, keep, _ := strings.Cut(argument, " ")
			err = share(&children, address, n, keep == "keep")
		case "end":
			os.Exit(0)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(c, "done")
	}
	return lines.Err()
}

func connect(address string) (net.Conn, error) {
	c, err := net.Dial("tcp", address)
	if err == nil {
		_, err = fmt.Fprintln(c, os.Getpid(), os.Getppid())
	}
	return c, err
}

func start(children *sync.WaitGroup, cmd *exec.Cmd) error {
	in, err := cmd.StdinPipe() // ends with us
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	children.Go(func() { cmd.Wait(); in.Close() })
	return nil
}

func share(children *sync.WaitGroup, address, n string, keep bool) error {
	c, err := connect(address)
	if err != nil {
		return err
	}
	f, err := c.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	if err := c.Close(); err != nil { // f is the same socket
		return err
	}
	count, err := strconv.Atoi(n)
	if err != nil {
		return err
	}
	for range count {
		cmd := command("hold")
		cmd.ExtraFiles = []*os.File{f}
		if err := start(children, cmd); err != nil {
			return err
		}
	}
	if !keep {
		return f.Close()
	}
	kept = f
	return nil
}

// kept is not closed by its finalizer.
var kept *os.File

// hold keeps open what it has inherited until its input ends.
func hold([]string) error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// starter runs a short-lived client each 100 ms, COUNT times.
func starter(args []string) error {
	count, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	var children sync.WaitGroup
	defer children.Wait()
	each := time.NewTicker(100 * time.Millisecond)
	defer each.Stop()
	for range count {
		<-each.C
		if err := start(&children, command("client", args[0])); err != nil {
			return err
		}
	}
	return nil
}

// forker makes COUNT connections, one after the other, while it starts as many processes as it can, each of which has
// the connection open between its fork and its exec.
func forker(args []string) error {
	count, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	var others sync.WaitGroup
	for range 2 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					command("true").Run()
				}
			}
		})
	}
	defer others.Wait()
	defer close(stop)
	for range count {
		c, err := connect(args[0])
		if err != nil {
			return err
		}
		io.Copy(io.Discard, c) // until it is closed
		c.Close()
	}
	return nil
}

func succeed([]string) error { return nil }

// findOne says where it listens and what it finds behind the first connection.
func findOne([]string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	c, err := l.Accept()
	if err != nil {
		return err
	}
	_, err = ownerOf(NewFinder(), c)
	fmt.Println(err)
	return nil
}
