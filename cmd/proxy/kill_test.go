package main

import (
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // for PRAGMA integrity_check, which no part of the product asks for

	"e2etap/internal/db"
)

var killSeed = flag.Uint64("kill-seed", uint64(time.Now().UnixNano()), "seed of the moments at which TestKill kills the proxy")

const (
	killRecordings = 5  // side by side,
	killRounds     = 10 // for each
	killClients    = 16
	killWatches    = 2
	killLatest     = 60                    // complete requests, at a moment
	killMoments    = 20 * time.Millisecond // after which the proxy is killed
)

// load is what clients of one proxy know for sure: which requests were answered completely, which watches were open.
type load struct {
	mu       sync.Mutex
	complete []string // Audit-IDs
	watching []string
}

// TestKill is the promise "no lost rows": whatever a client has received completely is in the recording, at whatever
// moment the proxy is killed.
func TestKill(t *testing.T) {
	t.Parallel()
	t.Logf("-kill-seed=%d", *killSeed)
	api := newAPI(t)
	for i := range killRecordings {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, api.kubeconfig())
			b.killRepeatedly(rand.New(rand.NewPCG(*killSeed, uint64(i))))
		})
	}
}

func (b *bench) killRepeatedly(random *rand.Rand) {
	b.t.Helper()
	var unchecked load
	complete := 0
	for round := range killRounds {
		b.killOnce(round, random.IntN(killLatest), time.Duration(random.Int64N(int64(killMoments))), &unchecked)
		if round%5 == 3 {
			continue // the next proxy recovers the recording, not the reader
		}
		complete += len(unchecked.complete)
		b.checkKilled(round, &unchecked)
		unchecked = load{}
	}
	if complete < killRounds {
		b.t.Errorf("%d complete requests in %d rounds prove nothing", complete, killRounds)
	}
	b.t.Logf("%d complete requests", complete)
}

// killOnce runs a proxy under load and kills it at a moment after a number of requests, however long those take.
func (b *bench) killOnce(round, requests int, moment time.Duration, l *load) {
	b.t.Helper()
	before := l.count()
	p, kubeconfig := b.serve()
	var clients sync.WaitGroup
	for i := range killClients + killWatches {
		protocol := []string{"h2", "http/1.1"}[i%2]
		c, err := newTestClient(kubeconfig, protocol)
		must(b.t, err)
		defer c.http.CloseIdleConnections()
		clients.Go(func() { l.client(c, round, i) })
	}
	p.eventually(fmt.Sprintf("round %d: %d complete requests", round, requests), func() bool { return l.count()-before >= requests })
	time.Sleep(moment) // any moment will do
	p.signal(syscall.SIGKILL)
	p.code()
	clients.Wait()
}

// client sends requests until the proxy is gone.
func (l *load) client(c *testClient, round, i int) {
	id := func(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%04x%08x", round, i, n) }
	if i >= killClients {
		c.header.Set("Audit-ID", id(0))
		res, err := c.watch("/api/v1/pods")
		if err != nil {
			return
		}
		defer res.Body.Close()
		l.add(&l.watching, id(0))
		res.Body.Read(make([]byte, 1)) // nothing comes but the end
		return
	}
	for n := 0; ; n++ {
		c.header.Set("Audit-ID", id(n))
		if c.get("/api/v1/namespaces/default/pods") != nil {
			return
		}
		l.add(&l.complete, id(n))
	}
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.complete)
}

func (l *load) add(to *[]string, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*to = append(*to, id)
}

// checkKilled looks for all that must be in the last two runs.
func (b *bench) checkKilled(round int, l *load) {
	b.t.Helper()
	r, err := db.OpenReader(b.db)
	must(b.t, err)
	defer r.Close()
	must(b.t, r.Recovery().Err)
	runs, err := r.SelectRuns(db.AllRuns)
	must(b.t, err)
	outcomes := map[string]string{} // by Audit-ID
	must(b.t, r.List(db.Filter{Runs: runs[max(0, len(runs)-2):]}, func(e *db.Entry) error {
		outcomes[e.AuditID] = e.Outcome
		return nil
	}))
	for what, ids := range map[string][]string{"complete": l.complete, "unfinished": l.watching} {
		for _, id := range ids {
			if outcomes[id] != what {
				b.t.Errorf("round %d: request %s is %q, want %s", round, id, outcomes[id], what)
			}
		}
	}
	b.checkIntegrity(round)
}

func (b *bench) checkIntegrity(round int) {
	b.t.Helper()
	d, err := sql.Open("sqlite3", "file:"+b.db+"?mode=ro")
	must(b.t, err)
	defer d.Close()
	var result string
	must(b.t, d.QueryRow("PRAGMA integrity_check").Scan(&result))
	if result != "ok" {
		b.t.Errorf("round %d: integrity_check: %s", round, result)
	}
}
