package traffic

// The numbers of these types are stored in recordings: add at the end, never renumber.

// Source says what named a request's test.
type Source uint8

const (
	SourceNone      Source = iota // nothing did
	SourceHeader                  // an explicit E2e-Test header
	SourceUserAgent               // the User-Agent, as the e2e framework writes it
)

var sources = [...]string{"none", "header", "user-agent"}

// SourceNames, OutcomeNames and CredentialNames are the names in stored order: the name of value i is element i.
func SourceNames() []string { return sources[:] }

func OutcomeNames() []string    { return outcomes[:] }
func CredentialNames() []string { return credentials[:] }

func (s Source) String() string { return name(sources[:], uint8(s)) }

// Outcome says how a request ended.
type Outcome uint8

const (
	Complete            Outcome = iota // the whole answer was read from the apiserver
	Open                               // it has not ended yet
	Unfinished                         // the recording ended before it did
	ClientAborted                      // the client left before the answer's end
	UpstreamAborted                    // the apiserver's answer broke off, or none came on an open connection
	UpstreamUnreachable                // no connection to the apiserver could be made
	Refused                            // the proxy answered by itself and forwarded nothing
)

var outcomes = [...]string{
	"complete", "open", "unfinished", "client aborted", "upstream aborted", "upstream unreachable", "refused",
}

func (o Outcome) String() string { return name(outcomes[:], uint8(o)) }

// Credential is the class of credential that a request came with, which decides how it is forwarded.
type Credential uint8

const (
	CredentialNone        Credential = iota // forwarded as anonymous
	CredentialRun                           // the run's own: forwarded with the original kubeconfig's user
	CredentialOther                         // another Authorization header: forwarded as it is
	CredentialCertificate                   // a client certificate of the cluster's CA: forwarded by impersonation
)

var credentials = [...]string{"none", "run", "authorization", "certificate"}

func (c Credential) String() string { return name(credentials[:], uint8(c)) }

func name(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return "unknown"
}
