//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgreSQL copies the log into a table with a jsonb column, which is how APISnoop loads audit logs. It is set up for speed rather
// than safety: without fsync, and with the table made in the same transaction, which spares the write-ahead log.
func (s *stage) postgreSQL() (*subject, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(folders) == 0 {
		return nil, fmt.Errorf("/usr/lib/postgresql/*/bin: no such folder")
	}
	p := &postgres{stage: s, bin: slices.MaxFunc(folders, func(a, b string) int { return compareNumbers(a, b) })}
	if os.Geteuid() == 0 {
		if p.as, err = credentialOf("postgres"); err != nil {
			return nil, fmt.Errorf("it does not run as root: %w", err)
		}
	}
	version, err := exec.CommandContext(s.ctx, p.bin+"/postgres", "--version").Output()
	if err != nil {
		return nil, err
	}
	return &subject{
		name: "PostgreSQL", note: strings.TrimSpace(string(version)) + ", `COPY` into a table with one jsonb column, server included; " + strings.Join(settings, ", "),
		run: p.run,
	}, nil
}

// compareNumbers compares folders by the version in them.
func compareNumbers(a, b string) int {
	x, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(a)), 64)
	y, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(b)), 64)
	return int(x - y)
}

func credentialOf(name string) (*syscall.Credential, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
}

var settings = []string{"fsync=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=8GB"}

// postgres starts servers, each in a folder of its own, which listen on a socket there.
type postgres struct {
	stage *stage
	bin   string
	as    *syscall.Credential // nil: who we are
	dir   string
}

func (p *postgres) command(name string, args ...string) *exec.Cmd {
	c := command(p.stage.ctx, filepath.Join(p.bin, name), args...)
	c.SysProcAttr.Credential, c.Dir = p.as, p.dir
	return c
}

const (
	makeTable = `CREATE TABLE audit (data jsonb NOT NULL)`
	// copyLog takes a line as it is: with a quote and a delimiter that no log has.
	copyLog = `COPY audit FROM '%s' (FORMAT csv, QUOTE e'\x01', DELIMITER e'\x02')`
)

func (p *postgres) run(log string, events int) (usage, error) {
	p.dir = p.stage.path("postgres")
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		return usage{}, err
	}
	defer os.RemoveAll(p.dir)
	if p.as != nil {
		if err := os.Chown(p.dir, int(p.as.Uid), int(p.as.Gid)); err != nil {
			return usage{}, err
		}
	}
	if text, err := p.command("initdb", "-D", "data", "-A", "trust", "-U", "postgres", "--no-sync").CombinedOutput(); err != nil {
		return usage{}, fmt.Errorf("initdb: %w\n%s", err, text)
	}
	server, messages, err := p.start()
	if err != nil {
		return usage{}, err
	}
	start := time.Now()
	var out strings.Builder
	u, err := runMeasured(p.psql(makeTable, fmt.Sprintf(copyLog, log)), &out)
	err = errors.Join(err, server.Process.Signal(syscall.SIGINT), server.Wait()) // a fast shutdown, which writes everything to its file
	if err != nil {
		return usage{}, fmt.Errorf("%w\n%s", err, messages.String())
	}
	u = u.add(server.ProcessState)
	u.wall = time.Since(start)
	if !strings.Contains(out.String(), fmt.Sprintf("COPY %d\n", events)) {
		return u, fmt.Errorf("output %q, want COPY %d", out.String(), events)
	}
	return u, nil
}

// psql runs statements in one transaction.
func (p *postgres) psql(statements ...string) *exec.Cmd {
	args := []string{"-X", "-1", "-v", "ON_ERROR_STOP=1", "-h", p.dir, "-U", "postgres"}
	for _, statement := range statements {
		args = append(args, "-c", statement)
	}
	return p.command("psql", args...)
}

// start starts a server and waits until it answers.
func (p *postgres) start() (*exec.Cmd, *strings.Builder, error) {
	args := []string{"-D", "data", "-k", p.dir, "-c", "listen_addresses="}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	server, messages := p.command("postgres", args...), new(strings.Builder)
	server.Stderr = messages
	if err := server.Start(); err != nil {
		return nil, nil, err
	}
	const wait, pause = 30 * time.Second, 50 * time.Millisecond
	for deadline := time.Now().Add(wait); ; time.Sleep(pause) {
		text, err := p.psql(`SELECT 1`).CombinedOutput()
		if err == nil {
			return server, messages, nil
		}
		if time.Now().After(deadline) {
			ended := errors.Join(server.Process.Kill(), server.Wait())
			return nil, nil, fmt.Errorf("PostgreSQL does not answer: %w\n%s\n%s", errors.Join(err, ended), text, messages.String())
		}
	}
}
