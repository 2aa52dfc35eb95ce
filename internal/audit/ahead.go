package audit

import (
	"errors"
	"io"
)

// ReadAhead is Read with do and broken called by the caller's goroutine while another one reads on, as far as some thousand events. It
// waits for that one, so that after an error of do it returns once r's Read does.
func ReadAhead(r io.Reader, name string, do func(*Event) error, broken func(Broken)) error {
	a := ahead{full: make(chan *piece, piecesAhead), empty: make(chan *piece, piecesAhead), stop: make(chan struct{})}
	for range piecesAhead {
		a.empty <- &piece{events: make([]Event, 0, pieceEvents)}
	}
	go a.read(r, name)
	var err error
	for p := range a.full {
		if err != nil {
			continue
		}
		if err = p.hand(do, broken); err != nil {
			close(a.stop)
		}
		a.empty <- p
	}
	return errors.Join(err, a.err)
}

const (
	pieceEvents = 256
	piecesAhead = 8
)

// piece is a piece of a log.
type piece struct {
	events []Event
	broken []Broken
}

func (p *piece) hand(do func(*Event) error, broken func(Broken)) error {
	for _, b := range p.broken {
		broken(b)
	}
	for i := range p.events {
		if err := do(&p.events[i]); err != nil {
			return err
		}
	}
	return nil
}

// ahead is a log that one goroutine reads for another.
type ahead struct {
	full, empty chan *piece   // never more than piecesAhead in all, so that giving one back waits for nobody
	stop        chan struct{} // closed when no more is wanted
	err         error         // of reading, once full is closed
}

var errUnwanted = errors.New("no more is wanted")

func (a *ahead) read(r io.Reader, name string) {
	defer close(a.full)
	p := <-a.empty
	next := func() error {
		a.full <- p
		select {
		case <-a.stop:
			p = new(piece) // for nobody
			return errUnwanted
		case p = <-a.empty:
			p.events, p.broken = p.events[:0], p.broken[:0]
			return nil
		}
	}
	err := Read(r, name, func(e *Event) error {
		p.events = append(p.events, *e)
		if len(p.events) < pieceEvents {
			return nil
		}
		return next()
	}, func(b Broken) {
		if p.broken = append(p.broken, b); len(p.broken) == pieceEvents {
			_ = next() // the next event finds out
		}
	})
	if errors.Is(err, errUnwanted) {
		return
	}
	a.err = err
	a.full <- p
}
