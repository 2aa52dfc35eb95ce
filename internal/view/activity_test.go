package view

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
)

func TestClockCountsByTime(t *testing.T) {
	c := NewClock(start)
	for _, p := range []db.Point{{Test: "one", Start: at(10), Status: 200}, {Test: "one", Start: at(20), Status: 404}, {Test: "two", Start: at(250), Status: 503}} {
		c.Add(&p)
	}
	want := &Activity{
		Width: 100, Requests: []int64{2, 0, 1}, Errors4xx: []int64{1, 0, 0}, Errors5xx: []int64{0, 0, 1},
		Tests: map[string][2]float64{"one": {10, 20}, "two": {250, 250}},
	}
	if d := cmp.Diff(want, c.Activity()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestClockNeverHasMoreThanItsParts(t *testing.T) {
	c := NewClock(start)
	const requests = 10_000
	for i := range requests {
		c.Add(&db.Point{Test: "one", Start: at(i * 1000)})
	}
	a := c.Activity()
	var sum int64
	for _, n := range a.Requests {
		sum += n
	}
	if len(a.Requests) > parts || len(a.Requests) < parts/2 || sum != requests {
		t.Errorf("%d parts of %v ms with %d requests, want %d to %d with %d", len(a.Requests), a.Width, sum, parts/2, parts, requests)
	}
}

func TestClockKeepsTheTimeOfRequestsWhenItsPartsGrow(t *testing.T) {
	c := NewClock(start)
	for _, ms := range []int{0, 5000, 5100, 59_900, 119_900} {
		c.Add(&db.Point{Start: at(ms)})
	}
	got := map[int]int64{}
	for i, n := range c.Activity().Requests {
		if n > 0 {
			got[i] = n
		}
	}
	if d := cmp.Diff(map[int]int64{0: 1, 25: 2, 299: 1, 599: 1}, got); d != "" || c.width != 2*leastWidth {
		t.Errorf("parts of %v, want twice %v; -want +got\n%s", c.width, leastWidth, d)
	}
}

func TestActivityFromRowsIsTheOneFromPoints(t *testing.T) {
	r, info := record(t, nil, get(5, 200, "one", "x"), get(700, 500, "two", "y"), get(30_000, 404, "one", "z"), get(-50, 200, "", "w"))
	got, err := loadActivity(r, info)
	if err != nil {
		t.Fatal(err)
	}
	c := NewClock(start)
	if err := r.EachPoint(db.PointQuery{Run: info.ID}, func(p *db.Point) error { c.Add(p); return nil }); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c.Activity(), got); d != "" {
		t.Errorf("-points +rows\n%s", d)
	}
	if span := got.Tests["one"]; span != [2]float64{5, 30_000} || got.Width != float64(leastWidth/time.Millisecond) {
		t.Errorf("requests of one began at %v, parts have %v ms", span, got.Width)
	}
}
