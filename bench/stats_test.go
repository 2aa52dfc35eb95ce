//go:build linux

package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i))
	}
	for _, c := range []struct {
		sorted []time.Duration
		p      int
		want   time.Duration
	}{
		{nil, 50, 0}, {hundred[7:8], 99, 7}, {hundred, 50, 50}, {hundred, 99, 99}, {hundred, 100, 99},
	} {
		if got := percentile(c.sorted, c.p); got != c.want {
			t.Errorf("percentile %d of %d values: %d, want %d", c.p, len(c.sorted), got, c.want)
		}
	}
}

// A machine whose speed changes between rounds must not change the ratio.
func TestRatiosAreTakenWithinARound(t *testing.T) {
	proxy := &process{}
	r := results{
		subjects: []*subject{{name: "direct"}, {name: baseline, process: proxy}, {name: "ours", process: proxy}},
		rounds:   [][]measurement{{{}, {cpu: 100}, {cpu: 50}}, {{}, {cpu: 10}, {cpu: 5}}, {{}, {cpu: 40}, {cpu: 20}}},
	}
	var b strings.Builder
	r.write(&b)
	if want := "| ours | 20.0 (5.0–50.0) | 0.50 (0.50–0.50) |"; !strings.Contains(b.String(), want) {
		t.Errorf("got\n%swant a line with %q", b.String(), want)
	}
}

func TestSampleIsLikeAnE2ERun(t *testing.T) {
	paths, agents := map[string]bool{}, map[string]bool{}
	for i := range 10 * sampleTests * sampleObjects {
		path, agent := newSample().request(i)
		paths[path], agents[agent] = true, true
	}
	if len(paths) != sampleTests*sampleObjects || len(agents) != sampleTests {
		t.Errorf("%d paths and %d agents, want %d and %d", len(paths), len(agents), sampleTests*sampleObjects, sampleTests)
	}
	if n := len(podOfSize(answerSize)); n != answerSize {
		t.Errorf("answer of %d bytes, want %d", n, answerSize)
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"-at", "8", "-skip", "haproxy,kubectl", "-proxy", "old=/a", "-proxy", "new=/b"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.concurrencies) != 1 || !o.skip["kubectl"] || len(o.builds) != 2 || o.builds[1] != (build{"new", "/b"}) {
		t.Errorf("got %+v", o)
	}
	for _, bad := range []string{"-at=many", "-proxy=/a"} {
		if _, err := parse([]string{bad}, io.Discard); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
