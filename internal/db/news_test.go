package db

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// newsOf moves a cursor on, and counts the requests that are new.
func newsOf(t *testing.T, r *Reader, c *Cursor) (settled int64) {
	t.Helper()
	err := r.Snapshot(func() error {
		n, err := r.News(1, c)
		for _, rows := range n.Settled {
			if err == nil {
				err = r.EachActivity(1, rows, start, time.Hour, func(a Activity) error { settled += a.Requests; return nil })
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return settled
}

func TestARowThatComesAfterLaterOnesIsNews(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec := createFor(t, path)
	for range 3 {
		if err := rec.Finish(&traffic.Request{Start: start, Method: "GET", Path: "/version"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(traffic.RunEnd{}); err != nil {
		t.Fatal(err)
	}
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	move := func(from, to int64) {
		t.Helper()
		if err := execute(e.conn, `UPDATE request SET id = ? WHERE id = ?`, to, from); err != nil {
			t.Fatal(err)
		}
	}
	move(2, -2)
	var c Cursor
	got := []int64{newsOf(t, &e.Reader, &c), c.Counted}
	move(-2, 2)
	got = append(got, newsOf(t, &e.Reader, &c), c.Counted, newsOf(t, &e.Reader, &c), c.Counted)
	if d := cmp.Diff([]int64{2, 2, 1, 3, 0, 3}, got); d != "" {
		t.Errorf("news and counted, step by step: -want +got\n%s", d)
	}
}

func TestAnOpenRequestIsSettledOnceItEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec := createFor(t, path)
	q := traffic.Request{Start: start, Method: "GET", Path: "/api/v1/pods", API: traffic.API{Verb: "watch", Version: "v1", Resource: "pods"}}
	if err := rec.Start(&q); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { r.Close() }()
	var c Cursor
	for deadline := time.Now().Add(hang); c.Counted == 0 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if n := newsOf(t, r, &c); n != 0 {
			t.Fatalf("%d open requests settled", n)
		}
	}
	if c.Done() {
		t.Fatal("done with an open request")
	}
	if err := rec.Close(traffic.RunEnd{}); err != nil {
		t.Fatal(err)
	}
	if n := newsOf(t, r, &c); n != 1 || c.Counted != 1 || !c.Done() {
		t.Errorf("after the end: %d settled, %d counted, done %v; want 1, 1, true", n, c.Counted, c.Done())
	}
}
