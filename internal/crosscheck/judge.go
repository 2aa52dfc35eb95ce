package crosscheck

import (
	"strings"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// recorded says where a request of the run belongs.
func (k *knowledge) recorded(p *db.Pair) *Finding {
	f := &k.found
	*f = Finding{Request: &p.Request, Audit: p.Audit, Client: traffic.Program(p.Request.Client.UserAgent)}
	if p.Audit == nil {
		f.Cell = k.whyNotLogged(&p.Request)
		return f
	}
	k.compare(f)
	f.Cell = Matched
	if len(f.Kinds) > 0 {
		f.Cell = Differs
	}
	return f
}

func (k *knowledge) whyNotLogged(q *traffic.Request) Cell {
	switch q.Outcome {
	case traffic.Refused:
		return Refused
	case traffic.UpstreamUnreachable:
		return Unreachable
	case traffic.Open, traffic.Unfinished:
		return Open
	case traffic.ClientAborted:
		if q.Status == 0 {
			return Aborted
		}
	case traffic.UpstreamAborted:
		if q.Status == 0 || q.Status == badGateway { // the proxy's own
			return Aborted
		}
	}
	switch {
	case !k.endpoints[endpointOf(&q.API, q.Path)], !k.clients[traffic.Program(q.Client.UserAgent)]:
		return Omitted
	case q.Start.Before(k.first), q.Start.After(k.last):
		return Uncovered
	}
	return Unexplained
}

// unrecorded says where a request of the log belongs that no run has.
func (k *knowledge) unrecorded(a *traffic.Audit) *Finding {
	f := &k.found
	*f = Finding{Audit: a, Client: traffic.Program(a.UserAgent), Cell: Others}
	switch {
	case strings.HasPrefix(f.Client, traffic.OwnProgram):
		f.Cell = Own
	case k.programs[f.Client]:
		f.Cell = Around
	}
	return f
}
