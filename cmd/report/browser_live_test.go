package main

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// While a run is recorded, a page that is open follows it to its end without being loaded again.
func TestThePageFollowsARun(t *testing.T) {
	b := inBrowser(t)
	path := b.path("living.db")
	rec, err := db.Create(path, traffic.Run{Name: "living", Command: []string{"e2e.test"}, Start: time.Now()}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url := serving(t, path)
	ended := make(chan error, 1)
	seen := b.path("seen")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { ended <- live(ctx, rec, seen) }()
	b.check("live.mjs", map[string]any{"server": url, "test": podTest, "seen": seen})
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// live records a run that goes on until a file is there, and a bit longer.
func live(ctx context.Context, rec *db.Recorder, seen string) error {
	began := time.Now()
	err := rec.Spec(&traffic.Spec{Test: podTest, Told: traffic.ToldOutput, Start: began})
	for left := 20; left > 0 && ctx.Err() == nil; time.Sleep(60 * time.Millisecond) {
		err = errors.Join(err, rec.Finish(&traffic.Request{
			Start: time.Now(), Duration: time.Millisecond, Method: "GET", Path: "/api/v1/pods", Status: 200,
			API:         traffic.API{Verb: "list", Version: "v1", Resource: "pods"},
			Attribution: traffic.Attribution{Test: podTest, Source: traffic.SourceUserAgent},
		}))
		if _, missing := os.Stat(seen); missing == nil {
			left--
		}
	}
	return errors.Join(err, rec.Close(traffic.RunEnd{End: time.Now()}))
}
