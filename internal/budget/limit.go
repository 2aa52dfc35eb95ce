package budget

import "time"

// Budget is a file of limits.
type Budget struct {
	Limits []*Limit `json:"limits"`
}

// Limit says whose and which requests it is about, and how many there may be.
//
// With Run it is about the run as a whole; else about each test that Test means, else about each client that Client means, else
// about each user agent that UserAgent means, else about the run. All other fields of the first two blocks choose requests.
type Limit struct {
	Name string `json:"name"`

	Run       *struct{} `json:"run"`
	Test      *string   `json:"test"`      // as --test takes it: see db.MatchNames; "" or "(no test)" for requests without one
	Client    *string   `json:"client"`    // the program that the User-Agent names; * and ? stand for any text and character, as in all below
	UserAgent *string   `json:"userAgent"` // the whole of it

	Verb      string `json:"verb"`
	Resource  string `json:"resource"` // as RBAC writes it: "pods", "pods/exec"
	Namespace string `json:"namespace"`

	Requests       *int64 `json:"requests"` // watches among them
	Watches        *int64 `json:"watches"`
	Errors4xx      *int64 `json:"errors4xx"`
	Errors5xx      *int64 `json:"errors5xx"`
	UnlimitedLists *int64 `json:"unlimitedLists"`
	Deprecated     *int64 `json:"deprecated"`
	BytesIn        *Bytes `json:"bytesIn"`
	BytesOut       *Bytes `json:"bytesOut"`
	P99            *Time  `json:"p99"`
	Max            *Time  `json:"max"`
}

// NoTest stands for requests without a test, as it does in reports.
const NoTest = "(no test)"

// Metric is what a limit limits, as the file has it.
type Metric string

// The metrics. Requests are counted from the moment they begin. UnlimitedLists are lists without a limit that do not ask for a
// single object; whether they asked for resourceVersion=0, which the API server answers from memory, is not recorded. Deprecated
// are requests whose answer has a warning (RFC 7234, code 299, which is the only one of Kubernetes: KEP-1693) that has
// the word in it: of deprecated APIs, and of deprecated fields and values. Durations leave out long-running requests.
const (
	Requests       Metric = "requests"
	Watches        Metric = "watches"
	Errors4xx      Metric = "errors4xx"
	Errors5xx      Metric = "errors5xx"
	UnlimitedLists Metric = "unlimitedLists"
	Deprecated     Metric = "deprecated"
	BytesIn        Metric = "bytesIn"
	BytesOut       Metric = "bytesOut"
	P99            Metric = "p99" // nearest rank, exact
	Max            Metric = "max"
)

// Metrics lists them all.
func Metrics() []Metric {
	return []Metric{Requests, Watches, Errors4xx, Errors5xx, UnlimitedLists, Deprecated, BytesIn, BytesOut, P99, Max}
}

// IsTime tells whether amounts of it are nanoseconds.
func (m Metric) IsTime() bool { return m == P99 || m == Max }

// IsBytes tells whether amounts of it are bytes.
func (m Metric) IsBytes() bool { return m == BytesIn || m == BytesOut }

// Format writes an amount of it to be read: bytes to two digits of their unit, times to the microsecond.
func (m Metric) Format(amount int64) string {
	switch {
	case m.IsTime():
		return time.Duration(amount).Round(time.Microsecond).String()
	case m.IsBytes():
		return Bytes(amount).String()
	}
	return itoa(amount)
}

// bound is how much of something a limit allows.
type bound struct {
	metric  Metric
	allowed int64
}

// bounds are in the order of Metrics.
func (l *Limit) bounds() (all []bound) {
	for i, amount := range []*int64{
		l.Requests, l.Watches, l.Errors4xx, l.Errors5xx, l.UnlimitedLists, l.Deprecated,
		(*int64)(l.BytesIn), (*int64)(l.BytesOut), (*int64)(l.P99), (*int64)(l.Max),
	} {
		if amount != nil {
			all = append(all, bound{Metrics()[i], *amount})
		}
	}
	return all
}
