package synthetic_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"e2etap/internal/audit"
	"e2etap/internal/audit/synthetic"
	"e2etap/internal/traffic"
)

func write(t *testing.T, log *synthetic.Log, size int64) ([]byte, int) {
	t.Helper()
	var b bytes.Buffer
	n, err := log.Write(&b, size)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), n
}

func TestTheSameSeedMakesTheSameLog(t *testing.T) {
	a, _ := write(t, synthetic.New(1), 1e6)
	b, _ := write(t, synthetic.New(1), 1e6)
	if !bytes.Equal(a, b) {
		t.Error("two logs of seed 1 differ")
	}
	if c, _ := write(t, synthetic.New(2), 1e6); bytes.Equal(a, c) {
		t.Error("logs of seeds 1 and 2 are the same")
	}
}

func TestALogWrittenInPartsIsTheSame(t *testing.T) {
	log := synthetic.New(1)
	first, n := write(t, log, 1e5)
	second, m := write(t, log, 1e5)
	whole, all := write(t, synthetic.New(1), int64(len(first)+len(second)))
	if !bytes.Equal(append(first, second...), whole) || n+m != all {
		t.Errorf("%d and %d events in parts are not the %d of the whole", n, m, all)
	}
}

// Lengths and numbers of different strings are those of four logs that runs of Kubernetes' e2e suite left, of 7,000 to 17,000
// events: 1,137 to 1,180 bytes an event on average, and in 1,000 events 40 to 91 different namespaces, names, users and
// User-Agents, 5 to 11 User-Agents, and 375 to 425 URIs. Real clusters have more names, so more strings are allowed than that.
func TestLogsAreLikeRealOnes(t *testing.T) {
	log, n := write(t, synthetic.New(1), 12e6)
	strings, agents, uris, ids := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for line := range bytes.Lines(log) {
		var e struct {
			AuditID, RequestURI, UserAgent string
			User                           struct{ Username string }
			ObjectRef                      struct{ Namespace, Name string }
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		for _, s := range [...]string{e.UserAgent, e.User.Username, e.ObjectRef.Namespace, e.ObjectRef.Name} {
			strings[s] = true
		}
		agents[e.UserAgent], uris[e.RequestURI], ids[e.AuditID] = true, true, true
	}
	for _, c := range []struct {
		what           string
		got, low, high int
	}{
		{"bytes an event", len(log) / n, 1100, 1200}, {"strings", 1000 * len(strings) / n, 40, 130},
		{"User-Agents", 1000 * len(agents) / n, 5, 11}, {"URIs", 1000 * len(uris) / n, 375, 450},
		{"audit IDs", 1000 * len(ids) / n, 908, 1000},
	} {
		if c.got < c.low || c.got > c.high {
			t.Errorf("%s: %d, want %d to %d", c.what, c.got, c.low, c.high)
		}
	}
}

func TestEveryEventIsReadAndWatchesEndLate(t *testing.T) {
	const minutes = 7
	log, to := io.Pipe()
	written := make(chan int)
	go func() {
		n, err := synthetic.New(1).Write(to, minutes*60*500*1130) // 500 events a second
		to.CloseWithError(err)
		written <- n
	}()
	read, late := 0, 0
	watches := map[string]time.Time{}
	err := audit.Read(log, "log", func(e *audit.Event) error {
		read++
		switch began, open := watches[e.ID]; {
		case e.Stage == traffic.AuditStarted:
			watches[e.ID] = e.At
		case open && e.Stage == traffic.AuditComplete && e.At.Sub(began) > 5*time.Minute:
			late++
		}
		return nil
	}, func(b audit.Broken) { t.Error(b) })
	if n := <-written; err != nil || read != n {
		t.Errorf("%v, read %d events of %d", err, read, n)
	}
	if late < 1000 {
		t.Errorf("%d watches ended more than 5 minutes after they began, of %d; want 1000", late, len(watches))
	}
}
