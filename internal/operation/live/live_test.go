package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// fake is an API server, and who stores what it tells.
type fake struct {
	mu        sync.Mutex
	documents map[string][]string // by group version, "apps/v1": resources
	down      error               // of All
	delay     time.Duration       // of All
	asked     []string
	stored    [][]string // the paths' resources, each time
	full      error      // of store
}

func (f *fake) ops(gv string) (ops []operation.Operation) {
	for _, name := range f.documents[gv] {
		ops = append(ops, operation.Operation{ID: name, Method: "GET", Path: "/apis/" + gv + "/" + name})
	}
	return ops
}

func (f *fake) source() Source {
	return Source{
		All: func(ctx context.Context) (all []operation.Operation, err error) {
			select {
			case <-time.After(f.delay):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.asked = append(f.asked, "all")
			for gv := range f.documents {
				all = append(all, f.ops(gv)...)
			}
			return all, f.down
		},
		Of: func(_ context.Context, group, version string) ([]operation.Operation, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			gv := group + "/" + version
			f.asked = append(f.asked, gv)
			if f.documents[gv] == nil {
				return nil, errors.New("404")
			}
			return f.ops(gv), nil
		},
	}
}

func (f *fake) store(document []byte) error {
	ops, err := operation.Decode(document)
	var names []string
	for _, op := range ops {
		names = append(names, op.ID)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stored = append(f.stored, names)
	return errors.Join(err, f.full)
}

// publish gives a group version a document, or takes it back.
func (f *fake) publish(gv string, resources ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.documents[gv] = resources
}

func (f *fake) count(question string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range f.asked {
		if q == question {
			n++
		}
	}
	return n
}

// last is what was stored at last.
func (f *fake) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.stored) == 0 {
		return "nothing"
	}
	last := slices.Sorted(slices.Values(f.stored[len(f.stored)-1]))
	return strings.Join(last, " ")
}

func newFake() *fake { return &fake{documents: map[string][]string{"apps/v1": {"deployments"}}} }

func request(verb, group, version, name string, status int) *traffic.Request {
	return &traffic.Request{API: traffic.API{Verb: verb, Group: group, Version: version, Resource: name}, Status: status}
}

// in runs a test on a clock of its own. The test closes the collector.
func in(t *testing.T, f *fake, do func(*Collector)) {
	synctest.Test(t, func(t *testing.T) {
		c := Start(f.source(), f.store)
		do(c)
	})
}

func closed(t *testing.T, c *Collector) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheFirstOperationsAreStoredAtOnce(t *testing.T) {
	f := newFake()
	in(t, f, func(c *Collector) {
		synctest.Wait()
		if got := f.last(); got != "deployments" {
			t.Errorf("stored %s before the end, want deployments", got)
		}
		c.Seen(request("list", "apps", "v1", "deployments", 200))
		closed(t, c)
	})
	if d := cmp.Diff([]string{"all"}, f.asked); d != "" || len(f.stored) != 1 {
		t.Errorf("stored %d times, want once; questions of a run in which nothing changed (-want +got):\n%s", len(f.stored), d)
	}
}

func TestACustomResourceThatComesAndGoesIsKept(t *testing.T) {
	f := newFake()
	in(t, f, func(c *Collector) {
		synctest.Wait()
		c.Seen(request("create", "x.example", "v1", "taps", 201))
		time.Sleep(1200 * time.Millisecond) // the server's delay
		f.publish("x.example/v1", "taps")
		time.Sleep(time.Second)
		f.publish("x.example/v1")
		time.Sleep(time.Minute)
		closed(t, c)
	})
	if got := f.last(); got != "deployments taps" {
		t.Errorf("stored at last: %s, want deployments and taps", got)
	}
}

func TestAnotherResourceOfAKnownGroupVersionIsAskedFor(t *testing.T) {
	f := newFake()
	in(t, f, func(c *Collector) {
		synctest.Wait()
		f.publish("apps/v1", "deployments", "taps")
		c.Seen(request("list", "apps", "v1", "taps", 200))
		time.Sleep(time.Second)
		closed(t, c)
	})
	if got := f.last(); got != "deployments taps" {
		t.Errorf("stored at last: %s, want deployments and taps", got)
	}
}

func TestDiscoveryOfAGroupVersionAsksForItsDocument(t *testing.T) {
	f := newFake()
	in(t, f, func(c *Collector) {
		synctest.Wait()
		f.publish("x.example/v1", "taps")
		c.Seen(&traffic.Request{Path: "/apis/x.example/v1", Status: 200, API: traffic.API{Verb: "get"}})
		time.Sleep(time.Second)
		f.publish("x.example/v1")
		closed(t, c)
	})
	if got := f.last(); got != "deployments taps" {
		t.Errorf("stored at last: %s, want deployments and taps", got)
	}
}

func TestWhatIsNeverDocumentedIsAskedForABoundedNumberOfTimes(t *testing.T) {
	f := newFake()
	in(t, f, func(c *Collector) {
		synctest.Wait()
		for range 100 {
			c.Seen(request("list", "x.example", "v1", "taps", 200))
			c.Seen(request("list", "x.example", "v1", "sinks", 200))
			time.Sleep(time.Second)
		}
		closed(t, c)
	})
	if n := f.count("x.example/v1"); n < 15 || n > allTries+2 {
		t.Errorf("asked %d times for two resources of a group version, want some %d", n, allTries)
	}
}

func TestRequestsWithoutSuccessAskForNothing(t *testing.T) {
	f := newFake()
	in(t, f, func(c *Collector) {
		synctest.Wait()
		c.Seen(request("list", "x.example", "v1", "taps", 404))
		c.Seen(request("create", "apiextensions.k8s.io", "v1", "customresourcedefinitions", 409))
		closed(t, c)
	})
	if d := cmp.Diff([]string{"all"}, f.asked); d != "" {
		t.Errorf("questions (-want +got):\n%s", d)
	}
}

func TestDefinitionsMakeTheEndAskForAllAgain(t *testing.T) {
	f := newFake()
	f.publish("apiextensions.k8s.io/v1", "customresourcedefinitions")
	in(t, f, func(c *Collector) {
		synctest.Wait()
		c.Seen(request("list", "apiextensions.k8s.io", "v1", "customresourcedefinitions", 200)) // the same resource, before
		c.Seen(request("create", "apiextensions.k8s.io", "v1", "customresourcedefinitions", 201))
		f.publish("x.example/v1", "taps")
		closed(t, c)
	})
	if got := f.last(); got != "customresourcedefinitions deployments taps" || f.count("all") != 2 {
		t.Errorf("stored at last: %s, asked for all %d times, want taps too, and 2", got, f.count("all"))
	}
}

func TestCloseWaitsForTheFirstAnswer(t *testing.T) {
	f := newFake()
	f.delay = 5 * time.Second
	in(t, f, func(c *Collector) { closed(t, c) })
	if got := f.last(); got != "deployments" {
		t.Errorf("stored %s, want deployments", got)
	}
}

func TestCloseDoesNotWaitForever(t *testing.T) {
	f := newFake()
	f.delay = time.Hour
	in(t, f, func(c *Collector) {
		began := time.Now()
		if err := c.Close(); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that it was not in time", err)
		}
		if took := time.Since(began); took > closeTimeout {
			t.Errorf("took %v, want %v at most", took, closeTimeout)
		}
	})
}

func TestAFailureThatPassesIsNotTold(t *testing.T) {
	f := newFake()
	f.down = errors.New("one of them is down")
	in(t, f, func(c *Collector) {
		synctest.Wait()
		f.mu.Lock()
		f.down = nil
		f.mu.Unlock()
		closed(t, c)
	})
	if n := f.count("all"); n != 2 {
		t.Errorf("asked %d times, want twice", n)
	}
}

func TestAFailureThatLastsIsToldAndTheRestStored(t *testing.T) {
	f := newFake()
	f.down = errors.New("one of them is down")
	in(t, f, func(c *Collector) {
		if err := c.Close(); !errors.Is(err, f.down) {
			t.Errorf("%v, want %v", err, f.down)
		}
	})
	if got := f.last(); got != "deployments" {
		t.Errorf("stored %s, want deployments", got)
	}
}

func TestAServerThatDocumentsNothingIsTold(t *testing.T) {
	f := &fake{documents: map[string][]string{}}
	in(t, f, func(c *Collector) {
		if err := c.Close(); err == nil || !strings.Contains(err.Error(), "no operations") {
			t.Errorf("%v, want that it documents no operations", err)
		}
	})
	if got := f.last(); got != "nothing" {
		t.Errorf("stored %s, want nothing", got)
	}
}

func TestWhatCouldNotBeStoredIsStoredAtTheEnd(t *testing.T) {
	f := newFake()
	f.full = errors.New("disk full")
	in(t, f, func(c *Collector) {
		synctest.Wait()
		f.mu.Lock()
		f.full = nil
		f.mu.Unlock()
		closed(t, c)
	})
	if len(f.stored) != 2 || f.last() != "deployments" {
		t.Errorf("stored %d times, at last %s, want deployments twice", len(f.stored), f.last())
	}
}

func TestResourceIn(t *testing.T) {
	for path, want := range map[string]resource{
		"/api/v1/namespaces/{namespace}/pods/{name}/status":     {"", "v1", "pods"},
		"/api/v1/namespaces/{name}/status":                      {"", "v1", "namespaces"},
		"/api/v1/watch/namespaces/{namespace}/pods":             {"", "v1", "pods"},
		"/apis/apps/v1/watch/deployments":                       {"apps", "v1", "deployments"},
		"/apis/x.example/v1/":                                   {"x.example", "v1", ""},
		"/apis/x.example/v1/namespaces/{namespace}/taps/{name}": {"x.example", "v1", "taps"},
		"/apis/x.example":                                       {},
		"/version/":                                             {},
	} {
		if got, ok := resourceIn(path); got != want || ok != (want != resource{}) {
			t.Errorf("%s: %+v, %v, want %+v", path, got, ok, want)
		}
	}
}
