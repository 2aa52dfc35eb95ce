package correlate

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// past is a recording of a run that did not go through the proxy.
type past struct {
	*db.Editor
	t    *testing.T
	path string
}

// newPast has a run of a minute with specs, and an audit log.
func newPast(t *testing.T, specs []*traffic.Spec, log ...*traffic.Audit) *past {
	t.Helper()
	p := &past{t: t, path: filepath.Join(t.TempDir(), "e2e.db")}
	rec, err := db.Create(p.path, traffic.Run{Start: start}, db.Options{})
	p.check(err)
	for _, s := range specs {
		p.check(rec.Spec(s))
	}
	p.check(rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}))
	p.Editor, err = db.OpenEditor(p.path)
	p.check(err)
	t.Cleanup(func() { p.check(p.Close()) })
	_, err = p.ImportAudit(func(w *db.AuditWriter) (err error) {
		for i, a := range log {
			if a.ID = fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-%012d", i); a.Received.IsZero() {
				a.Completed = time.Time{}
			}
			err = errors.Join(err, w.Add(a))
		}
		return err
	})
	p.check(err)
	return p
}

func (p *past) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// correlate runs Run on the only run and checks its result, without its clock.
func (p *past) correlate(skew *time.Duration, bounded bool, want Result) Result {
	p.t.Helper()
	run, err := p.Run(db.LatestRun)
	p.check(err)
	got, err := Run(p.Editor, run, skew, bounded)
	p.check(err)
	want.Clock = got.Clock
	if got != want {
		p.t.Errorf("%+v, want %+v", got, want)
	}
	return got
}

// starts are the seconds at which the run's requests began.
func (p *past) starts() (all []float64) {
	p.t.Helper()
	p.check(p.EachRequest(1, func(v *db.Evidence) error {
		all = append(all, v.Request.Start.Sub(start).Seconds())
		return nil
	}))
	return all
}

func (p *past) wantStarts(want ...float64) {
	p.t.Helper()
	if d := cmp.Diff(want, p.starts()); d != "" {
		p.t.Errorf("requests begin at: -want +got\n%s", d)
	}
}

// wantExtent checks the run's time, in seconds.
func (p *past) wantExtent(from, to float64, uncertainty time.Duration) {
	p.t.Helper()
	run, err := p.Run(db.LatestRun)
	p.check(err)
	if !run.Start.Equal(at(from)) || !run.End.Equal(at(to)) || run.Uncertainty != uncertainty {
		p.t.Errorf("from %v to %v, uncertainty %v; want %v to %v, %v", run.Start, run.End, run.Uncertainty, at(from), at(to), uncertainty)
	}
}

// A log of a server whose clock is an hour ahead, with the tests' clients, a controller and another user.
func TestTheRequestsOfTheTestsAreTheRuns(t *testing.T) {
	const hour = 3600
	p := newPast(t, []*traffic.Spec{specOf("A", 10, 20), specOf("B", 20, 30)},
		sent(hour+5, admin, here, suiteAgent),
		sent(hour+10, admin, here, suiteAgent+" -- A"),
		sent(hour+12, "system:serviceaccount:kube-system:x", "10.0.0.2", "kube-controller-manager/v1"),
		sent(hour+15, admin, here, "kubectl/v1.37.2"),
		sent(hour+16, "somebody", "10.0.0.3", "kubectl/v1.37.2"),
		sent(hour+20, admin, here, suiteAgent+" -- A"),
		sent(hour+20, admin, here, suiteAgent+" -- B"),
		sent(hour+35, admin, here, suiteAgent),
		sent(hour+40, admin, here, "operator/v1"),
	)
	got := p.correlate(nil, false, Result{Requests: 6})
	wantClock(t, got.Clock, Clock{Skew: time.Hour, Uncertainty: time.Millisecond, Tests: 2, Agree: 2})
	p.wantStarts(5, 10, 15, 20, 20, 35)
	p.wantExtent(5, 37, time.Millisecond) // each takes two seconds
}

func TestTheRunLastsAsLongAsItsSpecsAtLeast(t *testing.T) {
	p := newPast(t, []*traffic.Spec{specOf("A", 10, 50)}, sent(12, admin, here, suiteAgent+" -- A"), sent(20, admin, here, suiteAgent+" -- A"))
	skew := time.Duration(0)
	p.correlate(&skew, false, Result{Requests: 2})
	p.wantExtent(10, 50, 50*time.Millisecond)
}

func TestAGivenSkewIsTaken(t *testing.T) {
	p := newPast(t, []*traffic.Spec{specOf("A", 10, 20)}, sent(12, admin, here, suiteAgent+" -- A"))
	skew := 1500 * time.Millisecond
	got := p.correlate(&skew, false, Result{Requests: 1})
	wantClock(t, got.Clock, Clock{Skew: skew, Uncertainty: 50 * time.Millisecond})
	p.wantStarts(10.5)
}

func TestWhatIsFarAroundTheSpecsIsCountedOnly(t *testing.T) {
	p := newPast(t, []*traffic.Spec{specOf("A", 1000, 1010)},
		sent(399, admin, here, suiteAgent+" -- A"), sent(401, admin, here, suiteAgent+" -- A"), sent(402, "system:node:x", here, "kubelet/v1"),
		sent(1005, admin, here, "kubectl/v1.37.2"), sent(1609, admin, here, "kubectl/v1.37.2"), sent(1611, admin, here, "kubectl/v1.37.2"))
	skew := time.Duration(0)
	p.correlate(&skew, false, Result{Requests: 3, Outside: 2})
	p.wantStarts(401, 1005, 1609)
}

// "proxy spy" knows when the run began and ended.
func TestABoundedRunHasTheRequestsOfItsTime(t *testing.T) {
	p := newPast(t, []*traffic.Spec{specOf("A", 10, 20)},
		sent(-1, admin, here, "kubectl/v1"), sent(-0.01, admin, here, "kubectl/v1"), sent(12, admin, here, suiteAgent+" -- A"),
		sent(60.04, admin, here, "kubectl/v1"), sent(61, admin, here, "kubectl/v1"))
	skew := time.Duration(0)
	p.correlate(&skew, true, Result{Requests: 3, Outside: 2})
	p.wantStarts(-0.01, 12, 60.04)
	p.wantExtent(0, 60, 50*time.Millisecond)
}

func TestWithoutSpecsAllOfTheLogIsTheRuns(t *testing.T) {
	p := newPast(t, nil, sent(-5000, admin, here, suiteAgent+" -- A"), sent(5000, admin, here, "kubectl/v1"), sent(6000, "system:node:x", here, "kubelet/v1"))
	p.correlate(nil, false, Result{Requests: 2})
	p.wantStarts(-5000, 5000)
	p.wantExtent(-5000, 5002, 50*time.Millisecond)
}

func TestNoNamesAreSaidToBeNone(t *testing.T) {
	p := newPast(t, []*traffic.Spec{specOf("TestA", 10, 20)}, sent(12, admin, here, "go/1"), sent(13, "system:node:x", here, "kubelet/v1"))
	got := p.correlate(nil, false, Result{Requests: 1, Unnamed: true})
	wantClock(t, got.Clock, Clock{Uncertainty: 50 * time.Millisecond})
}

// A log may leave the time out; a request of no time is of no run.
func TestRequestsWithoutATimeAreLeftOut(t *testing.T) {
	none := sent(0, admin, here, suiteAgent+" -- A")
	none.Received = time.Time{}
	p := newPast(t, nil, none, sent(12, admin, here, suiteAgent+" -- A"))
	skew := time.Hour
	p.correlate(&skew, false, Result{Requests: 1})
	p.wantStarts(12 - 3600)
}

func TestRequestsWithoutATimeDoNotTellOfTheClock(t *testing.T) {
	none := sent(0, admin, here, suiteAgent+" -- A")
	none.Received = time.Time{}
	p := newPast(t, []*traffic.Spec{specOf("A", 10, 20)}, none, sent(12, admin, here, suiteAgent+" -- A"), sent(22, admin, here, suiteAgent+" -- A"))
	got := p.correlate(nil, false, Result{Requests: 2})
	wantClock(t, got.Clock, Clock{Skew: 2 * time.Second, Uncertainty: time.Millisecond, Tests: 1, Agree: 1})
}

func TestSpecsAreToldInAnyOrder(t *testing.T) {
	p := newPast(t, []*traffic.Spec{specOf("B", 20, 30), specOf("C", 25, 28), specOf("A", 10, 20)})
	p.correlate(nil, false, Result{Unnamed: true})
	p.wantExtent(10, 30, 50*time.Millisecond)
}

func TestARunWithoutRequestsKeepsItsTime(t *testing.T) {
	p := newPast(t, nil, sent(12, "system:node:x", here, "kubelet/v1"))
	p.correlate(nil, false, Result{Unnamed: true})
	p.wantExtent(0, 60, 50*time.Millisecond)
}

// The tests that requests belong to are named later; until then no request has any.
func TestASpecWithoutAnEndIsOfTheRun(t *testing.T) {
	last := specOf("A", 10, 20)
	last.End = time.Time{}
	p := newPast(t, []*traffic.Spec{last})
	p.correlate(nil, false, Result{Unnamed: true})
	p.wantExtent(10, 10, 50*time.Millisecond)
}

// "proxy spy" was killed.
func TestABoundedRunWithoutAnEndLastsAsLongAsItsRequests(t *testing.T) {
	p := newPast(t, []*traffic.Spec{specOf("A", 10, 20)}, sent(12, admin, here, suiteAgent+" -- A"), sent(40, admin, here, "kubectl/v1"))
	run, err := p.Run(db.LatestRun)
	p.check(err)
	run.End = time.Time{}
	skew := time.Duration(0)
	if got, err := Run(p.Editor, run, &skew, true); err != nil || got.Requests != 2 || got.Outside != 0 {
		t.Errorf("%+v, %v; want 2 requests", got, err)
	}
	p.wantExtent(10, 42, 50*time.Millisecond)
}

func TestTheRunsRequestsHaveNoTestYet(t *testing.T) {
	p := newPast(t, nil, sent(12, admin, here, suiteAgent+" -- A"))
	p.correlate(nil, false, Result{Requests: 1})
	p.check(p.EachRequest(1, func(v *db.Evidence) error {
		if a := v.Request.Attribution; a != (traffic.Attribution{}) {
			t.Errorf("%+v, want none", a)
		}
		return nil
	}))
}

func TestAnUnreadablePatternIsAnError(t *testing.T) {
	p := newPast(t, nil)
	run, err := p.Run(db.LatestRun)
	p.check(err)
	run.Pattern = "("
	if _, err := Run(p.Editor, run, nil, false); err == nil {
		t.Error("no error")
	}
}
