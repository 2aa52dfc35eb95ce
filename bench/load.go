//go:build linux

package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const loadCommand = "child-load"

// target is where a client sends its requests, and what it needs to do so.
type target struct {
	URL   string
	CA    []byte // PEM; nil for plain HTTP/1.1
	Token string
}

// task is one measurement, for the child that makes the requests.
type task struct {
	Target      target
	Requests    int
	Concurrency int
	Limit       time.Duration
	Rate        int // requests a second at most; 0: as many as there can be
}

// outcome is what came of a task.
type outcome struct {
	Requests         int
	P50, P99, Lasted time.Duration
	Error            string
}

// serveLoad is the client of all proxies: it reads tasks from its input and answers with outcomes.
func serveLoad([]string) error {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	clients := map[string]*client{}
	for {
		var t task
		if err := in.Decode(&t); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		c := clients[t.Target.URL]
		if c == nil {
			c = newClient(t.Target)
			clients[t.Target.URL] = c
		}
		if err := out.Encode(c.run(t)); err != nil {
			return err
		}
	}
}

// client keeps its connections from one task to the next, as a test program does.
type client struct {
	target    target
	transport *http.Transport
	sample    sample
}

func newClient(t target) *client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.CA)
	return &client{target: t, sample: newSample(), transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 1000,
	}}
}

func (c *client) run(t task) outcome {
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	times := make([][]time.Duration, t.Concurrency)
	errs := make([]error, t.Concurrency)
	for worker := range t.Concurrency {
		wg.Go(func() {
			for errs[worker] == nil && time.Since(began) < t.Limit {
				i := int(next.Add(1)) - 1
				if i >= t.Requests {
					return
				}
				if t.Rate > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(t.Rate))))
				}
				start := time.Now()
				errs[worker] = c.get(i)
				times[worker] = append(times[worker], time.Since(start))
			}
		})
	}
	wg.Wait()
	all := slices.Concat(times...)
	slices.Sort(all)
	o := outcome{Requests: len(all), P50: percentile(all, 50), P99: percentile(all, 99), Lasted: time.Since(began)}
	for _, err := range errs {
		if err != nil {
			o.Error = err.Error()
		}
	}
	return o
}

// get makes the i-th request and reads its answer.
func (c *client) get(i int) error {
	path, agent := c.sample.request(i)
	req, err := http.NewRequest(http.MethodGet, c.target.URL+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", agent)
	req.Header.Set("Accept", "application/json, */*")
	req.Header.Set("Authorization", "Bearer "+c.target.Token)
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if err == nil && (res.StatusCode != http.StatusOK || n != answerSize) {
		err = fmt.Errorf("GET %s: %s with %d bytes, want 200 with %d", req.URL, res.Status, n, answerSize)
	}
	if err == nil && c.target.CA != nil && res.ProtoMajor != 2 {
		err = fmt.Errorf("GET %s: %s, want HTTP/2", req.URL, res.Proto)
	}
	return err
}
