package mark

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"e2etap/internal/upstream"
)

// forwardTimeout bounds how long the API server may take to answer a mark.
const forwardTimeout = 5 * time.Second

// Forwarder sends marks to an API server, so that its audit log has them between the requests of the tests: as
// GET /e2e/mark?test=NAME, a path that no API server has.
type Forwarder struct {
	url        *url.URL
	transports upstream.Transports
	agent      func(test string) string
}

// NewForwarder returns a Forwarder to a cluster, as a user of its kubeconfig. agent makes the User-Agent that goes with
// a mark; its test is "" if one only ends.
func NewForwarder(c *upstream.Cluster, user string, agent func(test string) string) (*Forwarder, error) {
	t, err := c.As(user)
	if err != nil {
		return nil, err
	}
	return &Forwarder{url: c.Server.JoinPath(path), transports: t, agent: agent}, nil
}

// send returns when the API server has answered: only then the next request comes after the mark in the audit log.
func (f *Forwarder) send(ctx context.Context, test string) error {
	ctx, cancel := context.WithTimeout(ctx, forwardTimeout)
	defer cancel()
	u := *f.url
	u.RawQuery = url.Values{"test": {test}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", f.agent(test))
	res, err := f.transports.Plain.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, maxBody)) // so that the connection can be used again
	switch res.StatusCode {
	case http.StatusNotFound, http.StatusForbidden: // there is no such path, or the user may not ask for it: both are logged
		return nil
	}
	return fmt.Errorf("GET %s: %s, want 404 or 403", path, res.Status)
}

func (f *Forwarder) close() { f.transports.CloseIdle() }
