package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// The live view shows requests as they come: it is paused, filtered, and what is shown can be copied.
func TestTheLiveViewShowsRequestsAsTheyCome(t *testing.T) {
	b := inBrowser(t)
	path := b.path("tail.db")
	rec, err := db.Create(path, traffic.Run{
		Name: "tail", Command: []string{"e2e.test"}, Start: time.Now(), Server: "https://user:secret@10.0.0.1:6443",
	}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url := serving(t, path)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- stream(rec, stop) }()
	b.check("tail.mjs", map[string]any{"server": url, "test": podTest, "script": scriptTest, "shots": b.path("shots")})
	close(stop)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// stream records a run until it is stopped: two specs, of which one runs on, a watch that ends after a while, and requests of all kinds.
func stream(rec *db.Recorder, stop chan struct{}) error {
	began := time.Now()
	err := errors.Join(
		rec.Spec(&traffic.Spec{Test: podTest, Told: traffic.ToldOutput, Worker: "1", Start: began}),
		rec.Spec(&traffic.Spec{Test: scriptTest, Told: traffic.ToldOutput, Worker: "2", Start: began, End: began.Add(time.Second), Outcome: traffic.SpecPassed}),
	)
	watch := streamed(0)
	watch.API.Verb, watch.API.Name, watch.Path, watch.Query.Watch, watch.Client.UserAgent = "watch", "", "/api/v1/namespaces/a/pods", true, "watcher/v1"
	err = errors.Join(err, rec.Start(&watch))
	for i := 1; ; i++ {
		select {
		case <-stop:
			return errors.Join(err, rec.Close(traffic.RunEnd{End: time.Now()}))
		case <-time.After(20 * time.Millisecond):
		}
		q := streamed(i)
		err = errors.Join(err, rec.Finish(&q))
		if i == 400 {
			watch.Duration, watch.Outcome = time.Since(watch.Start), traffic.Complete
			err = errors.Join(err, rec.Finish(&watch))
		}
	}
}

func streamed(i int) traffic.Request {
	name := fmt.Sprintf("it's-%d", i)
	q := traffic.Request{
		Start: time.Now(), Duration: 1500 * time.Microsecond, Method: "GET", Path: "/api/v1/namespaces/a/pods/" + name, Status: 200,
		API:         traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "a", Name: name},
		Client:      traffic.Client{UserAgent: "e2e.test/v1.37.2"},
		Attribution: traffic.Attribution{Test: podTest, Source: traffic.SourceUserAgent, Phase: traffic.PhaseBody},
	}
	switch i % 10 {
	case 1:
		q.Method, q.API.Verb, q.API.Resource, q.API.Name, q.Path = "POST", "create", "configmaps", "", "/api/v1/namespaces/a/configmaps"
		q.Status, q.Test = 201, scriptTest
	case 2:
		q.Status = 404
	case 3:
		q.Attribution, q.Client = traffic.Attribution{Why: traffic.WhyOutside}, traffic.Client{UserAgent: "kubectl/v1.37.2", KubectlCommand: "kubectl get"}
	case 4:
		q.Method, q.API.Verb, q.API.Subresource, q.Path, q.Status = "POST", "create", "exec", q.Path+"/exec", 101
	}
	return q
}
