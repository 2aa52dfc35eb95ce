package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// smallDisk mounts a file system of some bytes, which takes root.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all but some bytes of the disk, and returns what gives them back.
func fill(t *testing.T, dir string, leave int64) (free func()) {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "filler")
	if err := os.WriteFile(name, make([]byte, int64(s.Bfree)*s.Bsize-leave), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() { os.Remove(name) }
}

func TestTheDiskIsFullAtTheStart(t *testing.T) {
	dir := smallDisk(t, 1<<20)
	fill(t, dir, 8<<10)
	path := filepath.Join(dir, "e2e.db")
	_, err := Create(path, testRun(""), Options{})
	if err == nil || !strings.Contains(err.Error(), "hint: the disk is full") {
		t.Fatalf("create on a full disk: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file that was made: %v, want that it is gone", err)
	}
}

// TestTheDiskFillsUp: while there is no room, requests are lost and counted, and said so once; what was accepted before is
// recorded when there is room again, and so is what comes then.
func TestTheDiskFillsUp(t *testing.T) {
	dir := smallDisk(t, 4<<20)
	path := filepath.Join(dir, "e2e.db")
	var shouts atomic.Int64
	r, err := Create(path, testRun(""), Options{OnError: func(error) { shouts.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	free := fill(t, dir, 256<<10)
	accepted := 0
	for _, q := range some(3000) {
		err := r.Finish(&q)
		switch {
		case err == nil:
			accepted++
		case !errors.Is(err, syscall.ENOSPC):
			t.Fatal(err)
		}
	}
	lost := r.Lost()
	if lost == 0 || int(lost)+accepted != 3000 {
		t.Fatalf("%d accepted, %d lost; want 3000 in all and some of both", accepted, lost)
	}
	waitFor(t, func() string { return fmt.Sprint(shouts.Load() >= 2) }, "true") // the append's and SQLite's
	free()
	finish(t, r, some(10)...)
	closeRecorder(t, r)
	got := ask(t, path, `SELECT count(*), (SELECT lost FROM runs) FROM requests`)[0]
	if want := fmt.Sprintf("%d|%d", accepted+10, lost); got != want {
		t.Errorf("requests|lost %s, want %s", got, want)
	}
	if shouts.Load() != 2 {
		t.Errorf("%d shouts, want 2: one of each kind", shouts.Load())
	}
	checkIntegrity(t, path)
}

// TestTheDiskIsFullAtTheEnd: Close says where the rows are, and the next one to open the recording finds them.
func TestTheDiskIsFullAtTheEnd(t *testing.T) {
	dir := smallDisk(t, 4<<20)
	path := filepath.Join(dir, "e2e.db")
	r, err := Create(path, testRun(""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.closeWait = 200 * time.Millisecond
	free := fill(t, dir, 250<<10)
	requests := some(600)
	finish(t, r, requests...)
	err = r.Close(testEnd)
	if err == nil || !strings.Contains(err.Error(), "hint: nothing is lost, ") {
		t.Fatalf("close on a full disk: %v", err)
	}
	reader, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	if rec := reader.Recovery(); rec.Pending == 0 || rec.Err == nil {
		t.Errorf("recovery on a full disk: %+v, want bytes pending and why", rec)
	}
	reader.Close()
	free()
	if got := ask(t, path, `SELECT count(*), (SELECT ended FROM runs) FROM requests`)[0]; got != "600|2026-03-01T13:00:00.000Z" {
		t.Errorf("after there was room: %s, want all 600 and the end", got)
	}
}

func TestAReadOnlyFolder(t *testing.T) {
	dir := smallDisk(t, 4<<20)
	whole, killed := filepath.Join(dir, "whole.db"), filepath.Join(dir, "killed.db")
	r := createFor(t, whole)
	finish(t, r, some(20)...)
	closeRecorder(t, r)
	recordAndKill(t, killed, 0)
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, whole, `SELECT count(*) FROM requests`)[0]; got != "20" {
		t.Errorf("%s requests, want 20", got)
	}
	for _, path := range []string{whole, filepath.Join(dir, "new.db")} {
		_, err := Create(path, testRun(""), Options{})
		if err == nil || !strings.Contains(err.Error(), "hint: a recording needs a folder and a file that can be written") {
			t.Errorf("create %s: %v", path, err)
		}
	}
	reader, err := OpenReader(killed)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if rec := reader.Recovery(); rec.Pending == 0 || rec.Err == nil {
		t.Errorf("recovery of a killed recording: %+v, want bytes pending and why", rec)
	}
}
