package audit

import (
	"container/list"

	"e2etap/internal/traffic"
)

const (
	// maxOpen is how many requests are kept that have not ended: the watches of a cluster of thousands of nodes.
	maxOpen = 1 << 18
	// maxDone is how many requests are kept that have ended: backends in batch mode write events out of order, and
	// webhooks send batches again.
	maxDone = 1 << 13
)

// Folder folds the stages of each request into one.
//
// A request is emitted some thousand requests after its end, or at Flush. If an event of it comes later than that, a
// request of the same ID is emitted again, with what that event tells: who keeps requests merges them by ID.
type Folder struct {
	emit       func(*traffic.Audit) error
	known      map[string]*list.Element // of open or done, by ID
	open, done *list.List               // of *traffic.Audit, the oldest in front
}

// NewFolder returns a Folder that calls emit for each request, whose Audit is emit's to keep.
func NewFolder(emit func(*traffic.Audit) error) *Folder {
	return &Folder{emit: emit, known: map[string]*list.Element{}, open: list.New(), done: list.New()}
}

// Add folds an event. It returns emit's error.
func (f *Folder) Add(e *Event) error {
	element, ok := f.known[e.ID]
	if !ok {
		audit := e.Audit
		element = f.open.PushBack(&audit)
		f.known[e.ID] = element
	}
	audit := element.Value.(*traffic.Audit)
	wasOpen := !ok || !ended(audit)
	if ok {
		Merge(audit, &e.Audit)
	}
	if wasOpen && ended(audit) {
		f.open.Remove(element)
		f.known[e.ID] = f.done.PushBack(audit)
	}
	return f.trim(maxOpen, maxDone)
}

// Flush emits what has not been emitted, whether it has ended or not: those that have ended first, each in the order of
// the log. Events may be added after it.
func (f *Folder) Flush() error { return f.trim(0, 0) }

func (f *Folder) trim(open, done int) error {
	for f.done.Len() > done {
		if err := f.pop(f.done); err != nil {
			return err
		}
	}
	for f.open.Len() > open {
		if err := f.pop(f.open); err != nil {
			return err
		}
	}
	return nil
}

func (f *Folder) pop(from *list.List) error {
	audit := from.Remove(from.Front()).(*traffic.Audit)
	delete(f.known, audit.ID)
	return f.emit(audit)
}

func ended(a *traffic.Audit) bool { return a.Stages&(traffic.AuditComplete|traffic.AuditPanic) != 0 }

// Merge adds to a request what another event, or an earlier or later reading of the log, tells of it. The order does not
// matter, and the same twice adds nothing.
func Merge(into, from *traffic.Audit) {
	if from.Stages > into.Stages { // a later stage tells more: the name of a created object, the status
		a, b := *from, *into
		*into, from = a, &b
	}
	into.Stages |= from.Stages
	fillTimes(into, from)
	fill(&into.Path, from.Path)
	fill(&into.User, from.User)
	fill(&into.Impersonated, from.Impersonated)
	fill(&into.UserAgent, from.UserAgent)
	fillAPI(&into.API, &from.API)
	if into.Status == 0 {
		into.Status = from.Status
	}
	if into.SourceIPs == nil {
		into.SourceIPs = from.SourceIPs
	}
}

func fillTimes(into, from *traffic.Audit) {
	if into.Received.IsZero() {
		into.Received = from.Received
	}
	if into.Completed.IsZero() {
		into.Completed = from.Completed
	}
}

func fillAPI(into, from *traffic.API) {
	fill(&into.Verb, from.Verb)
	if into.Resource != "" {
		fill(&into.Name, from.Name)
		fill(&into.Namespace, from.Namespace)
		return
	}
	verb := into.Verb
	*into = *from
	into.Verb = verb
}

func fill(into *string, from string) {
	if *into == "" {
		*into = from
	}
}
