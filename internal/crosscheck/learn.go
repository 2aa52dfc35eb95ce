package crosscheck

import (
	"slices"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// knowledge is what must be known of all requests before one can be judged.
type knowledge struct {
	logged      bool          // the log has something of the run's time
	matched     bool          // skew is known
	skew        time.Duration // how far the API server's clock is ahead, the way of a request included: the median
	first, last time.Time     // of the log, by the proxy's clock
	end         time.Time     // of the run's last request

	programs  map[string]bool   // that were recorded
	endpoints map[endpoint]bool // that were logged
	clients   map[string]bool   // programs that were logged
	user      string            // of the original kubeconfig: whom the log names most for the run's credential
	found     Finding
}

// endpoint is what an audit policy can tell apart: a verb and a resource, or a path that is none.
type endpoint struct{ verb, group, resource, subresource, path string }

func endpointOf(api *traffic.API, path string) endpoint {
	if api.Resource != "" {
		path = ""
	}
	return endpoint{api.Verb, api.Group, api.Resource, api.Subresource, path}
}

func learn(r *db.Reader, run db.RunInfo) (*knowledge, error) {
	k := &knowledge{programs: map[string]bool{}, endpoints: map[endpoint]bool{}, clients: map[string]bool{}}
	var apart []time.Duration
	users := map[string]int{}
	err := r.EachPair(run.ID, func(p *db.Pair) error {
		q := &p.Request
		k.programs[traffic.Program(q.Client.UserAgent)] = true
		if q.Start.After(k.end) {
			k.end = q.Start
		}
		if p.Audit == nil {
			return nil
		}
		k.log(p.Audit)
		if !p.Audit.Received.IsZero() {
			apart = append(apart, p.Audit.Received.Sub(q.Start))
		}
		if q.Client.Credential == traffic.CredentialRun && p.Audit.User != "" {
			users[p.Audit.User]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(apart) > 0 {
		slices.Sort(apart)
		k.matched, k.skew = true, apart[len(apart)/2]
	}
	k.user = mostNamed(users)
	return k, k.learnLog(r, run)
}

// learnLog learns of what is not recorded.
func (k *knowledge) learnLog(r *db.Reader, run db.RunInfo) error {
	first, last, err := r.AuditSpan()
	if err != nil {
		return err
	}
	k.first, k.last = first.Add(-k.skew), last.Add(-k.skew)
	from, to := k.span(run)
	return r.EachUnrecorded(from, to, func(a *traffic.Audit) error {
		k.log(a)
		return nil
	})
}

func (k *knowledge) log(a *traffic.Audit) {
	k.logged = true
	k.endpoints[endpointOf(&a.API, a.Path)] = true
	k.clients[traffic.Program(a.UserAgent)] = true
}

// span is the run's time by the API server's clock. A run without an end ends with its last request.
func (k *knowledge) span(run db.RunInfo) (from, to time.Time) {
	from, to = run.Start, run.End
	if to.IsZero() {
		to = k.end
	}
	if to.Before(from) {
		to = from
	}
	if k.matched {
		return from.Add(k.skew), to.Add(k.skew)
	}
	return from.Add(-margin), to.Add(margin)
}

func mostNamed(users map[string]int) (most string) {
	for user, n := range users {
		if n > users[most] || n == users[most] && user < most {
			most = user
		}
	}
	return most
}
