package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// identity says with whose credentials a request goes on.
//
// The classes, and why: the run's own credential stands for a user of the original kubeconfig. Any other Authorization
// header goes on as it is, over a connection without a client certificate, because the API server looks at
// certificates first: over the run's connection a service account's token would act as the run's user. No credential
// stays none. A client certificate cannot be passed on without its key, so its owner is verified as the API server
// does it and impersonated by the run's user. Impersonate-* goes on with its caller's credential.
type identity struct {
	credential  traffic.Credential
	transports  upstream.Transports
	impersonate *certUser // nil unless credential is CredentialCertificate
}

var (
	errUnverified = errors.New("the client certificate was not issued by the cluster")
	errMisplaced  = errors.New("the run's credential is a bearer token in the Authorization header, and goes nowhere else")
	errNested     = errors.New("a request with a client certificate goes on by impersonation and so cannot impersonate itself")
)

// identify finds a request's identity in the API server's own order: certificate, then Authorization, then none.
func (c *credentials) identify(conn *clientConn, t *target, r *http.Request) (identity, error) {
	authorization := r.Header.Get("Authorization")
	if user, ok := c.certificateUser(r); ok {
		transports, err := t.asOwner(user)
		return identity{credential: traffic.CredentialRun, transports: transports}, err
	}
	unverified := error(nil)
	if len(r.TLS.PeerCertificates) > 0 {
		owner, err := conn.owner(t, r)
		if errors.Is(err, errNoClientCA) {
			return identity{}, err
		}
		if owner != nil {
			return byImpersonation(t, owner, r.Header)
		}
		unverified = err
	}
	if user, ok := c.tokenUser(authorization); ok {
		transports, err := t.as(user)
		return identity{credential: traffic.CredentialRun, transports: transports}, err
	}
	if c.misplaced(r.Header) {
		return identity{}, errMisplaced
	}
	if authorization == "" && unverified != nil {
		return identity{}, fmt.Errorf("%w: %w", errUnverified, unverified)
	}
	id := identity{credential: traffic.CredentialOther}
	if authorization == "" {
		id.credential = traffic.CredentialNone
	}
	var err error
	id.transports, err = t.bare()
	return id, err
}

func byImpersonation(t *target, owner *certUser, header http.Header) (identity, error) {
	for name := range header {
		if strings.HasPrefix(name, "Impersonate-") {
			return identity{}, errNested
		}
	}
	transports, err := t.as(t.ca.reader)
	return identity{credential: traffic.CredentialCertificate, transports: transports, impersonate: owner}, err
}

// owner returns the verified owner of the connection's client certificate, verified once.
func (c *clientConn) owner(t *target, r *http.Request) (*certUser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if user, ok := c.owners[t]; ok {
		return user, nil
	}
	user, err := t.ca.authenticate(r)
	if err == nil {
		if c.owners == nil {
			c.owners = map[*target]*certUser{}
		}
		c.owners[t] = user
	}
	return user, err
}

// apply writes the identity into the headers that go upstream. Credentials of the kubeconfig's users are added behind
// it, by client-go.
func (id identity) apply(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "X-Remote-") { // a front proxy's word (--requestheader-*), never a client's
			delete(h, name)
		}
	}
	switch id.credential {
	case traffic.CredentialRun:
		h.Del("Authorization")
	case traffic.CredentialCertificate:
		h.Del("Authorization")
		id.impersonate.write(h)
	}
}

// write sets the Impersonate-* headers for all that the API server knows of a certificate's owner.
func (u *certUser) write(h http.Header) {
	h.Set("Impersonate-User", u.GetName())
	if uid := u.GetUID(); uid != "" {
		h.Set("Impersonate-Uid", uid)
	}
	groups := u.GetGroups()
	if len(groups) == 0 {
		// no group at all would let the API server add a service account's groups to a name that looks like one
		groups = []string{"system:authenticated"}
	}
	for _, group := range groups {
		h.Add("Impersonate-Group", group)
	}
	for key, values := range u.GetExtra() {
		for _, value := range values {
			h.Add("Impersonate-Extra-"+url.PathEscape(key), value)
		}
	}
}
