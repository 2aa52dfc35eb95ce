package main

import (
	"errors"
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
	go func() { ended <- live(rec) }()
	b.check("live.mjs", map[string]any{"server": url, "test": podTest, "requests": liveRequests})
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

const liveRequests = 100

// live records some seconds of a run.
func live(rec *db.Recorder) error {
	began := time.Now()
	err := rec.Spec(&traffic.Spec{Test: podTest, Told: traffic.ToldOutput, Start: began})
	for range liveRequests {
		time.Sleep(60 * time.Millisecond)
		err = errors.Join(err, rec.Finish(&traffic.Request{
			Start: time.Now(), Duration: time.Millisecond, Method: "GET", Path: "/api/v1/pods", Status: 200,
			API:         traffic.API{Verb: "list", Version: "v1", Resource: "pods"},
			Attribution: traffic.Attribution{Test: podTest, Source: traffic.SourceUserAgent},
		}))
	}
	return errors.Join(err, rec.Close(traffic.RunEnd{End: time.Now()}))
}
