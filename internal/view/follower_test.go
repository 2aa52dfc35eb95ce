package view

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// followed is a run and who follows it, step by step.
type followed struct {
	t        *testing.T
	path     string
	rec      *db.Recorder
	rnd      *rand.Rand
	follower *Follower
	open     []*traffic.Request
	recorded int64
}

func follow(t *testing.T) *followed {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Name: "run", Start: start}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &followed{t: t, path: path, rec: rec, rnd: rand.New(rand.NewPCG(1, 2)), follower: NewFollower()}
}

// grow records some requests, of which some are open, and ends some that were.
func (f *followed) grow() {
	f.t.Helper()
	for range 20 {
		test := []string{"", "one", "two", "three"}[f.rnd.IntN(4)]
		q := get(f.rnd.IntN(100_000), []int{200, 404, 500}[f.rnd.IntN(3)], test, "x")
		q.Client.UserAgent = fmt.Sprintf("client-%d/v1", f.rnd.IntN(4))
		write := f.rec.Finish
		if f.rnd.IntN(4) == 0 {
			q.API.Verb, q.Status = "watch", 0
			f.open = append(f.open, &q)
			write = f.rec.Start
		}
		if err := write(&q); err != nil {
			f.t.Fatal(err)
		}
		f.recorded++
	}
	for len(f.open) > 4 {
		q := f.open[0]
		f.open = f.open[1:]
		q.Status, q.Outcome, q.Duration, q.BytesOut = 410, traffic.Complete, time.Second, 77
		if f.rnd.IntN(2) == 0 {
			q.Attribution = traffic.Attribution{Test: "late", Source: traffic.SourceNamespace}
		}
		if err := f.rec.Finish(q); err != nil {
			f.t.Fatal(err)
		}
	}
}

// compare compares what the follower says with fresh counts.
func (f *followed) compare(when string) {
	f.t.Helper()
	r, err := db.OpenReader(f.path)
	if err != nil {
		f.t.Fatal(err)
	}
	defer r.Close()
	err = r.Snapshot(func() error {
		info, err := r.Run("run")
		if err != nil {
			return err
		}
		activity, err := loadActivity(r, info)
		if err != nil {
			return err
		}
		unattributed, err := LoadUnattributed(r, info)
		if err != nil {
			return err
		}
		gotActivity, err := f.follower.Activity(r, info)
		if err != nil {
			return err
		}
		gotUnattributed, err := f.follower.Unattributed(r, info)
		if d := cmp.Diff(activity, gotActivity) + cmp.Diff(unattributed, gotUnattributed); d != "" {
			f.t.Errorf("%s: -fresh +followed\n%s", when, d)
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// applied waits until the recording has all that was recorded.
func (f *followed) applied() {
	f.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		r, err := db.OpenReader(f.path)
		if err != nil {
			f.t.Fatal(err)
		}
		info, err := r.Run("run")
		if err != nil {
			f.t.Fatal(err)
		}
		r.Close()
		switch {
		case info.Requests == f.recorded:
			return
		case time.Now().After(deadline):
			f.t.Fatalf("%d requests in the recording, want %d", info.Requests, f.recorded)
		}
	}
}

func (f *followed) end() {
	f.t.Helper()
	if err := f.rec.Close(traffic.RunEnd{End: start.Add(20 * time.Minute)}); err != nil {
		f.t.Fatal(err)
	}
}

func TestAFollowedRunIsCountedAsAFreshOne(t *testing.T) {
	f := follow(t)
	f.compare("empty")
	for i := range 5 {
		f.grow()
		f.applied()
		f.compare(fmt.Sprint("step ", i))
	}
	f.end()
	f.compare("ended")
}

func TestARunIsFollowedThroughARetag(t *testing.T) {
	f := follow(t)
	f.grow()
	f.end()
	f.compare("ended")
	e, err := db.OpenEditor(f.path)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := e.Retag(1, func(v *db.Evidence) traffic.Attribution {
		switch v.Request.Test {
		case "one":
			return traffic.Attribution{Why: traffic.WhyParallel}
		case "":
			return traffic.Attribution{Test: "one", Source: traffic.SourceOutput}
		}
		return v.Request.Attribution
	})
	if err != nil || changed == 0 {
		t.Fatalf("retag changed %d: %v", changed, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	f.compare("retagged")
}

func TestAnUnchangedRunIsNotReadAgain(t *testing.T) {
	r, info := record(t, nil, get(5, 200, "one", "x"))
	f := NewFollower()
	first, err := f.Activity(r, info)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := f.Activity(r, info); second != first || err != nil {
		t.Errorf("another answer for the same run: %v", err)
	}
}
