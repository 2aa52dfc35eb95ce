package server

import "context"

// count counts the requests of the run that is shown first, which takes about 0.4 s per million, so that later views need not wait for
// that. It begins when a page has what it shows first, and stops between its counts when the context is cancelled. An error is for who
// asks next, who meets it too.
func (s *Server) count(ctx context.Context) {
	select {
	case <-s.opened:
	case <-ctx.Done():
	}
	for _, ahead := range []func(*asked) (any, error){times, unattributed} {
		if ctx.Err() != nil {
			return
		}
		_, _ = s.ask(nil, ahead)
	}
}
