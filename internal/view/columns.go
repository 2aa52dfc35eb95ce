package view

import (
	"math"
	"time"

	"e2etap/internal/db"
)

// Columns are requests of one test in the order they started, one number in each column for each of them.
type Columns struct {
	Test   string `json:"test"`
	Offset int64  `json:"offset"` // of the first among the test's
	From   int64  `json:"from"`   // when the run's time was when the first began, in units
	// Exact tells that the unit of times is a microsecond and durations are in it. If it is false, the unit is 100 microseconds, and
	// a duration of x > 0 stands for 2^((x-1)/8) microseconds, good to 4.5 %. 0 is a duration that is not known, or not yet.
	Exact      bool     `json:"exact"`
	Kinds      []Kind   `json:"kinds"`
	Namespaces []string `json:"namespaces"`
	Names      []string `json:"names"` // of objects; null if they are left out

	Start     []uint32 `json:"start"` // since the one before
	Duration  []uint32 `json:"duration"`
	Endpoint  []uint32 `json:"endpoint"`  // in Model.Endpoints
	Kind      []uint32 `json:"kind"`      // in Kinds
	Namespace []uint32 `json:"namespace"` // in Namespaces
	Name      []uint32 `json:"name"`      // in Names
}

// Kind is how requests ended and how their test is known.
type Kind struct {
	Status  int    `json:"status"` // 0: no answer
	Outcome string `json:"outcome"`
	Source  string `json:"source"`
	Why     string `json:"why"`
	Phase   string `json:"phase"`
}

// Detail says how much of requests is kept.
type Detail struct {
	Exact, Names bool
}

func (d Detail) unit() time.Duration {
	if d.Exact {
		return time.Microsecond
	}
	return 100 * time.Microsecond
}

// builder makes columns of points. It can be used again and again.
type builder struct {
	Columns
	detail     Detail
	start      time.Time // the run's
	endpoints  *Index
	kinds      map[kindKey]uint32
	namespaces map[string]uint32
	names      map[string]uint32
	at         int64 // start of the last request, in units

	lastEndpoint db.Endpoint
	lastNumber   uint32
}

type kindKey struct{ status, outcome, source, why, phase int }

func newBuilder(start time.Time, endpoints *Index, detail Detail) *builder {
	return &builder{detail: detail, start: start, endpoints: endpoints}
}

// begin begins columns of a test.
func (b *builder) begin(test string, offset int64) {
	c := &b.Columns
	*c = Columns{
		Test: test, Offset: offset, Exact: b.detail.Exact, Kinds: c.Kinds[:0], Namespaces: c.Namespaces[:0], Names: c.Names[:0],
		Start: c.Start[:0], Duration: c.Duration[:0], Endpoint: c.Endpoint[:0], Kind: c.Kind[:0], Namespace: c.Namespace[:0], Name: c.Name[:0],
	}
	b.kinds, b.namespaces, b.names = map[kindKey]uint32{}, map[string]uint32{}, map[string]uint32{}
}

func (b *builder) add(p *db.Point) {
	at := int64(p.Start.Sub(b.start) / b.detail.unit())
	if len(b.Start) == 0 {
		b.From, b.at = at, at
	}
	b.Start = append(b.Start, uint32(min(at-b.at, math.MaxUint32)))
	b.at = at
	b.Duration = append(b.Duration, b.duration(p.Duration))
	if p.Endpoint != b.lastEndpoint || len(b.Endpoint) == 0 {
		b.lastEndpoint, b.lastNumber = p.Endpoint, uint32(b.endpoints.number(p.Endpoint))
	}
	b.Endpoint = append(b.Endpoint, b.lastNumber)
	b.Kind = append(b.Kind, b.kind(p))
	b.Namespace = append(b.Namespace, intern(b.namespaces, &b.Namespaces, p.Namespace))
	if b.detail.Names {
		b.Name = append(b.Name, intern(b.names, &b.Names, p.Name))
	}
}

func (b *builder) duration(d time.Duration) uint32 {
	switch micros := d.Microseconds(); {
	case d <= 0:
		return 0
	case b.detail.Exact:
		return uint32(min(max(micros, 1), math.MaxUint32))
	default:
		return 1 + min(uint32(math.Round(8*math.Log2(float64(max(micros, 1))))), 254)
	}
}

func (b *builder) kind(p *db.Point) uint32 {
	key := kindKey{p.Status, int(p.Outcome), int(p.Source), int(p.Why), int(p.Phase)}
	n, known := b.kinds[key]
	if !known {
		n = uint32(len(b.Kinds))
		b.kinds[key] = n
		b.Kinds = append(b.Kinds, Kind{p.Status, p.Outcome.String(), p.Source.String(), p.Why.String(), p.Phase.String()})
	}
	return n
}

func intern(numbers map[string]uint32, all *[]string, s string) uint32 {
	n, known := numbers[s]
	if !known {
		n = uint32(len(*all))
		numbers[s], *all = n, append(*all, s)
	}
	return n
}

// EachTest calls do with the requests of each test of a run, until one call fails; a test's may come in several parts. The columns are
// valid until do returns. Each is called with every request.
func EachTest(r *db.Reader, info db.RunInfo, endpoints *Index, detail Detail, each func(*db.Point), do func(*Columns) error) error {
	b := newBuilder(info.Start, endpoints, detail)
	begun := false
	err := r.EachPoint(db.PointQuery{Run: info.ID, Names: detail.Names}, func(p *db.Point) error {
		if begun && p.Test != b.Test {
			if err := do(&b.Columns); err != nil {
				return err
			}
			begun = false
		}
		if !begun {
			b.begin(p.Test, 0)
			begun = true
		}
		b.add(p)
		each(p)
		return nil
	})
	if err == nil && begun {
		err = do(&b.Columns)
	}
	return err
}

// LoadRequests reads a page of a test's requests.
func LoadRequests(r *db.Reader, info db.RunInfo, endpoints *Index, test string, offset, limit int64) (*Columns, error) {
	b := newBuilder(info.Start, endpoints, Detail{Exact: true, Names: true})
	b.begin(test, offset)
	err := r.EachPoint(db.PointQuery{Run: info.ID, Tests: []string{test}, Names: true, Offset: offset, Limit: limit}, func(p *db.Point) error {
		b.add(p)
		return nil
	})
	return &b.Columns, err
}
