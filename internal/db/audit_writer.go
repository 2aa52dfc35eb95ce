package db

import (
	"sync"

	"e2etap/internal/traffic"
)

// AuditWriter takes the requests of one import. It is for one goroutine; another one stores them meanwhile, so that reading a log does
// not wait for the disk. After an error of its methods, which they return again and again, the import has failed.
type AuditWriter struct {
	waiting []*traffic.Audit
	work    chan auditWork
	ended   sync.WaitGroup

	failed  chan struct{} // closed once there is a failure
	failure error         // of storing
}

// auditWork is what is to be stored, and then settled for those that wait for that.
type auditWork struct {
	audits  []*traffic.Audit
	settled chan<- struct{} // nil: nobody waits
}

const (
	auditsAtOnce = 256 // requests that go from one goroutine to the other together
	auditsAhead  = 4   // times so many that may be on their way
)

func startAuditWriter(i *auditImporter) *AuditWriter {
	w := &AuditWriter{work: make(chan auditWork, auditsAhead), failed: make(chan struct{})}
	w.ended.Go(func() { w.store(i) })
	return w
}

// store does the work, until there is no more.
func (w *AuditWriter) store(i *auditImporter) {
	for work := range w.work {
		if w.failure == nil {
			w.failure = i.addAll(work)
			if w.failure != nil {
				close(w.failed)
			}
		}
		if work.settled != nil {
			work.settled <- struct{}{}
		}
	}
}

func (i *auditImporter) addAll(work auditWork) error {
	for _, a := range work.audits {
		if err := i.add(a); err != nil {
			return err
		}
	}
	if work.settled != nil {
		return i.settle()
	}
	return nil
}

// Add stores a request, which must not be changed any more. Readers of the recording see it after Commit; or before, and then twice if
// it was added twice. The error may be that of an earlier request.
func (w *AuditWriter) Add(a *traffic.Audit) error {
	select {
	case <-w.failed:
		return w.failure
	default:
	}
	w.waiting = append(w.waiting, a)
	if len(w.waiting) == auditsAtOnce {
		w.send(nil)
	}
	return nil
}

// Commit lets readers of the recording see all that was added.
func (w *AuditWriter) Commit() error {
	settled := make(chan struct{})
	w.send(settled)
	<-settled
	select {
	case <-w.failed:
		return w.failure
	default:
		return nil
	}
}

func (w *AuditWriter) send(settled chan<- struct{}) {
	w.work <- auditWork{w.waiting, settled}
	w.waiting = make([]*traffic.Audit, 0, auditsAtOnce)
}

// close commits and waits for the end of the goroutine.
func (w *AuditWriter) close() error {
	err := w.Commit()
	close(w.work)
	w.ended.Wait()
	return err
}
