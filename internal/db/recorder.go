package db

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

// Options of a [Recorder].
type Options struct {
	// OnError, if not nil, is called once for each new kind of error that recording meets, from any goroutine: a row that
	// could not be kept, or (rows are safe meanwhile) a database that cannot be written now.
	OnError func(error)
}

// Recorder writes one run into a recording. Its methods may be called from any number of goroutines.
type Recorder struct {
	path    string
	run     string
	onError func(error)
	pending *pendingFile

	requests, connections, processes, specs, lost atomic.Int64 // all but lost are the last ids given

	mu      sync.Mutex
	shouted map[string]bool // kinds of errors

	applier   applier // of the goroutine run while it runs
	stop      chan struct{}
	stopped   chan struct{}
	closeWait time.Duration // how long Close tries to get pending rows into the database
	closing   sync.Once
	closed    error
}

// Create opens the recording at path for writing, or makes it (0600), recovers what a killed recorder left in it, and
// starts a run. A run.Name that the recording has already is an error; an empty one becomes "run-1", "run-2", ….
func Create(path string, run traffic.Run, opts Options) (*Recorder, error) {
	made, err := makeFile(path)
	if err != nil {
		return nil, openError(path, err)
	}
	r, err := create(path, run, opts)
	if err != nil {
		if made {
			err = errors.Join(err, os.Remove(path))
		}
		return nil, openError(path, err)
	}
	go r.apply()
	return r, nil
}

func create(path string, run traffic.Run, opts Options) (r *Recorder, err error) {
	conn, err := openForWriting(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	p, err := openPending(pendingPath(path), true)
	if err != nil {
		return nil, err
	}
	r = &Recorder{
		path: path, pending: p, onError: opts.OnError, shouted: map[string]bool{},
		stop: make(chan struct{}), stopped: make(chan struct{}), closeWait: 10 * time.Second,
	}
	if err := r.start(conn, run); err != nil {
		return nil, errors.Join(err, p.discard())
	}
	return r, nil
}

// start recovers the recording and gives it a new run.
func (r *Recorder) start(conn *sqlite3.SQLiteConn, run traffic.Run) error {
	if err := execute(conn, `PRAGMA journal_mode = WAL`); err != nil {
		return err
	}
	if err := modernize(conn); err != nil {
		return err
	}
	if _, err := recoverPending(conn, r.pending); err != nil {
		return err
	}
	if err := r.pending.begin(newGeneration()); err != nil {
		return err
	}
	r.applier = applier{conn: conn, pending: r.pending, at: position{r.pending.generation, pendingStart}}
	return transaction(conn, func() error { return r.insertRun(conn, run) })
}

func (r *Recorder) insertRun(conn *sqlite3.SQLiteConn, run traffic.Run) error {
	var id, requests, connections, processes, specs int64
	if err := errors.Join(
		queryInt(conn, `SELECT coalesce(max(id), 0) + 1 FROM run`, &id),
		queryInt(conn, `SELECT coalesce(max(id), 0) FROM request`, &requests),
		queryInt(conn, `SELECT coalesce(max(id), 0) FROM connection`, &connections),
		queryInt(conn, `SELECT coalesce(max(id), 0) FROM process`, &processes),
		queryInt(conn, `SELECT coalesce(max(id), 0) FROM spec`, &specs),
	); err != nil {
		return err
	}
	var err error
	if r.run, err = runName(conn, run.Name, id); err != nil {
		return err
	}
	command, err := json.Marshal(append([]string{}, run.Command...))
	if err != nil {
		return err
	}
	r.requests.Store(requests)
	r.connections.Store(connections)
	r.processes.Store(processes)
	r.specs.Store(specs)
	r.applier.run = id
	return errors.Join(
		execute(conn, `INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, NULL, ?, ?, 0, 0)`, id, r.run, string(command),
			run.Context, run.Server, run.ServerVersion, run.ToolVersion, nanos(run.Start), requests+1, run.Pattern, int64(run.Uncertainty)),
		execute(conn, `UPDATE pending SET generation = ?, applied = ?, run = ?`,
			int64(r.pending.generation), int64(pendingStart), id),
	)
}

// runName refuses a name that is taken and finds one if none is asked for.
func runName(conn *sqlite3.SQLiteConn, name string, id int64) (string, error) {
	if name == LatestRun || name == AllRuns {
		return "", fmt.Errorf("a run cannot be named %q, which stands for runs in \"report\"\nhint: pass another --run-name", name)
	}
	for asked := name != ""; ; id++ {
		if !asked {
			name = fmt.Sprintf("run-%d", id)
		}
		var taken int64
		if err := queryInt(conn, `SELECT count(*) FROM run WHERE name = ?`, &taken, name); err != nil || taken == 0 {
			return name, err
		}
		if asked {
			return "", fmt.Errorf("it has a run named %q already\nhint: pass another --run-name, or another file with --db", name)
		}
	}
}

// RunName is the name of the run that is being recorded.
func (r *Recorder) RunName() string { return r.run }

// RunID is its ID in the recording.
func (r *Recorder) RunID() int64 { return r.applier.run }

// Lost counts the requests, connections, processes and specs that could not be recorded.
func (r *Recorder) Lost() int64 { return r.lost.Load() }

// Connect records a connection and gives it its ID.
func (r *Recorder) Connect(c *traffic.Connection) error {
	c.ID = r.connections.Add(1)
	return r.append(func(b []byte) []byte { return appendConnection(b, c) })
}

// Process records a process and gives it its ID. Its parent must have one already.
func (r *Recorder) Process(p *traffic.Process) error {
	p.ID = r.processes.Add(1)
	return r.append(func(b []byte) []byte { return appendProcess(b, p) })
}

// Spec records what is known of a spec now, and gives it its ID if it is new.
func (r *Recorder) Spec(s *traffic.Spec) error {
	if s.ID == 0 {
		s.ID = r.specs.Add(1)
	}
	return r.append(func(b []byte) []byte { return appendSpec(b, s) })
}

// Start records a long-running request that has begun, with [traffic.Open] as its outcome, and gives it its ID. Other requests
// are recorded by Finish alone.
func (r *Recorder) Start(q *traffic.Request) error {
	q.Outcome = traffic.Open
	return r.appendNew(q)
}

// Finish records a request that has ended. When it returns nil, the row survives the death of the process.
func (r *Recorder) Finish(q *traffic.Request) error {
	if q.ID == 0 {
		return r.appendNew(q)
	}
	return r.append(func(b []byte) []byte { return appendRequest(b, kindCompletion, q) })
}

// appendNew gives q its ID, which stays 0 if q could not be recorded.
func (r *Recorder) appendNew(q *traffic.Request) error {
	q.ID = r.requests.Add(1)
	err := r.append(func(b []byte) []byte { return appendRequest(b, kindRequest, q) })
	if err != nil {
		q.ID = 0
	}
	return err
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// append adds to the pending file what encode appends to a buffer.
func (r *Recorder) append(encode func([]byte) []byte) error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = encode(append((*buf)[:0], make([]byte, recordHeader)...))
	if err := r.pending.append(*buf); err != nil {
		r.lost.Add(1)
		err = fmt.Errorf("record: %w", err)
		r.shout(err)
		return err
	}
	return nil
}

// shout reports an error if it is the first of its kind.
func (r *Recorder) shout(err error) {
	k := kindOf(err)
	r.mu.Lock()
	again := r.shouted[k]
	r.shouted[k] = true
	r.mu.Unlock()
	if !again && r.onError != nil {
		r.onError(err)
	}
}
