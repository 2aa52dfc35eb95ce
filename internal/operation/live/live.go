// Package live keeps the operations of an API server while a run is recorded: those that it documents at the run's
// beginning, at its end, and of group versions that come and go in between, as tests' custom resources do.
//
// It is told of requests that got an answer, and asks for the document of a group version when one of them is for a
// resource that no document has had. It knows neither how documents are fetched nor where operations are kept.
package live

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

// Source fetches operations from an API server. Its functions are called by one goroutine at a time.
type Source struct {
	// All returns all of them. Where it has some and not others, it returns those with an error.
	All func(context.Context) ([]operation.Operation, error)
	// Of returns those of a group version; an error if there is no document of it, or not yet.
	Of func(ctx context.Context, group, version string) ([]operation.Operation, error)
}

// The API server publishes the document of a new custom resource about a second after its first request, and takes it
// back as fast: so it is asked every soonPause at first, then every latePause, and then no more.
const (
	soonPause = 250 * time.Millisecond
	soonTries = 12
	latePause = time.Second
	allTries  = 20
)

// askTimeout bounds one question, and closeTimeout all that Close still asks.
const (
	askTimeout   = 30 * time.Second
	closeTimeout = 10 * time.Second
)

// Collector keeps the operations of one API server.
type Collector struct {
	source Source
	store  func(document []byte) error
	cancel context.CancelFunc
	stop   chan struct{}
	wake   chan struct{} // of one: there is something in fresh
	ended  chan struct{}

	mu      sync.Mutex
	seen    map[resource]bool
	fresh   []resource // seen, and not looked at yet
	defined bool       // a definition of resources was written

	// of the goroutine, and of Close when that has ended
	all      map[template]operation.Operation
	known    map[resource]bool
	wanted   map[resource]*want
	unstored bool
	failed   error // of All, the last time
}

// resource is one of a group version; its name is "" for the group version's discovery.
type resource struct{ group, version, name string }

type template struct{ path, method string }

// want is a resource that no document has had.
type want struct {
	tries int
	next  time.Time
}

// Start begins to ask for operations. store is called with them, encoded, as soon as they are there, and when Close finds
// others; never by two goroutines at once.
func Start(source Source, store func(document []byte) error) *Collector {
	ctx, cancel := context.WithCancel(context.Background())
	c := &Collector{
		source: source, store: store, cancel: cancel, stop: make(chan struct{}), wake: make(chan struct{}, 1), ended: make(chan struct{}),
		seen: map[resource]bool{}, all: map[template]operation.Operation{}, known: map[resource]bool{}, wanted: map[resource]*want{},
	}
	go c.run(ctx)
	return c
}

// Seen is told of a request that has ended, by any goroutine. It does not wait.
func (c *Collector) Seen(q *traffic.Request) {
	if q.Status/100 != 2 {
		return
	}
	r, ok := resourceOf(q)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.defined = c.defined || defines(&q.API)
	if c.seen[r] {
		return
	}
	c.seen[r] = true
	c.fresh = append(c.fresh, r)
	select {
	case c.wake <- struct{}{}:
	default: // it is awake
	}
}

// Close asks for what is still missing, and for everything anew if that may have changed, for ten seconds at most, and has
// all operations stored that there were. The error says what the API server has not told at last, or why it is not stored.
func (c *Collector) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel() // which ends what the goroutine asks, as the time-out does
	context.AfterFunc(ctx, c.cancel)
	close(c.stop)
	<-c.ended
	mayHaveChanged := c.takeFresh(time.Now()) || c.failed != nil || len(c.wanted) > 0
	c.ask(ctx, time.Now(), true)
	if mayHaveChanged {
		c.askAll(ctx)
	}
	return errors.Join(c.failed, c.keep())
}

func (c *Collector) run(ctx context.Context) {
	defer close(c.ended)
	c.askAll(ctx)
	_ = c.keep() // Close tries again, and says why not
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-c.wake:
		case <-timer.C:
		}
		c.takeFresh(time.Now())
		if next := c.ask(ctx, time.Now(), false); !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

// takeFresh wants what was seen since the last time and no document has had. It tells whether a definition of resources was
// ever written.
func (c *Collector) takeFresh(now time.Time) (defined bool) {
	c.mu.Lock()
	fresh := c.fresh
	c.fresh, defined = nil, c.defined
	c.mu.Unlock()
	for _, r := range fresh {
		if !c.known[r] {
			c.wanted[r] = &want{next: now}
		}
	}
	return defined
}

// ask asks for the documents of what is wanted and due, or of all that is wanted, and returns when the next is due; zero:
// nothing is.
func (c *Collector) ask(ctx context.Context, now time.Time, all bool) (next time.Time) {
	asked := map[resource]bool{} // group versions
	for _, r := range slices.SortedFunc(maps.Keys(c.wanted), resource.compare) {
		w := c.wanted[r]
		if !all && w.next.After(now) {
			continue
		}
		if of := (resource{group: r.group, version: r.version}); !asked[of] && !c.known[r] {
			asked[of] = true
			c.askOf(ctx, of)
		}
		w.tries++
		if c.known[r] || w.tries >= allTries {
			delete(c.wanted, r)
			continue
		}
		w.next = time.Now().Add(latePause)
		if w.tries < soonTries {
			w.next = time.Now().Add(soonPause)
		}
	}
	for _, w := range c.wanted {
		if next.IsZero() || w.next.Before(next) {
			next = w.next
		}
	}
	return next
}

func (c *Collector) askOf(ctx context.Context, of resource) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if ops, err := c.source.Of(ctx, of.group, of.version); err == nil {
		c.add(ops)
	} // else it is asked again; what stays unknown shows in reports
}

func (c *Collector) askAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var ops []operation.Operation
	ops, c.failed = c.source.All(ctx)
	c.add(ops)
	if c.failed == nil && len(c.all) == 0 {
		c.failed = errors.New("it documents no operations")
	}
}

// add adds operations to those that there were.
func (c *Collector) add(ops []operation.Operation) {
	for _, op := range ops {
		key := template{op.Path, op.Method}
		if _, there := c.all[key]; there {
			continue
		}
		c.all[key] = op
		c.unstored = true
		if r, ok := resourceIn(op.Path); ok {
			c.known[r] = true
			c.known[resource{group: r.group, version: r.version}] = true
		}
	}
}

// keep has the operations stored, if there are others than the last time.
func (c *Collector) keep() error {
	if !c.unstored {
		return nil
	}
	document, err := operation.Encode(slices.Collect(maps.Values(c.all)))
	if err != nil {
		return err
	}
	err = c.store(document)
	c.unstored = err != nil
	return err
}
