// Package traffic holds the words that the other packages share: what one API request, one client connection and one
// run looked like at the proxy. It has no behaviour beyond naming its own values and imports the standard library only.
package traffic

import (
	"strings"
	"time"
)

// Request is one API request as the proxy saw it.
//
// Bodies, credentials and the value of exec's command= are never part of it.
type Request struct {
	// ID is the request's row in the recording; 0 until the recorder has given one.
	ID int64
	// Connection is the ID of the client connection that carried the request.
	Connection int64

	Start     time.Time
	Duration  time.Duration // from Start to the end of the answer (or of the attempt); 0 while it is open
	FirstByte time.Duration // from Start to the answer's header; 0 if there was none

	Method string // as sent: "GET"
	Path   string // as sent, escaped, without the query: "/api/v1/namespaces/default/pods/a"
	API    API
	Query  Query

	Status              int   // 0 if no answer was received or made
	BytesIn             int64 // body bytes from the client (for upgrades: bytes of the stream)
	BytesOut            int64 // body bytes to the client
	RequestContentType  string
	ResponseContentType string
	Warnings            []string // the apiserver's Warning headers, in order (RFC 7234, section 5.5)

	Client  Client
	AuditID string // what went upstream as Audit-ID: the client's own, or a UUID given by the proxy

	Attribution
	// TaggedAs is the test that was appended to the User-Agent on its way upstream; "" if it went on as it came.
	TaggedAs string

	Outcome Outcome
	Error   string // why Outcome is not Complete, without secrets; "" otherwise
}

// API is what a request asks for in the apiserver's own words (k8s.io/apiserver, RequestInfo).
// For a request that is not for a resource only Verb is set, to the HTTP method in lower case.
type API struct {
	Verb        string // "get", "list", "watch", "create", "deletecollection", …
	Group       string // "" for the core group
	Version     string
	Resource    string
	Subresource string
	Namespace   string
	Name        string
}

// Query is the part of a request's query that changes what the request means. All else (continue tokens, resource
// versions, exec's command) is not kept.
type Query struct {
	Watch         bool
	DryRun        string // "All"
	FieldManager  string
	Limit         int64 // 0 if none is given
	LabelSelector string
	FieldSelector string
}

// Client is the raw evidence of who sent a request, as its headers tell. Many requests share one value.
type Client struct {
	UserAgent      string
	TestHeader     string // E2e-Test
	KubectlCommand string // Kubectl-Command (KEP-859)
	KubectlSession string // Kubectl-Session (KEP-859)
	Credential     Credential
}

// Connection is one client connection to the proxy.
type Connection struct {
	ID       int64
	Opened   time.Time
	Remote   string   // "127.0.0.1:40312"
	Protocol string   // the negotiated application protocol: "h2" or "http/1.1"
	Process  *Process // that holds its other end; nil: not known
	Unknown  string   // why Process is nil; "" otherwise
}

// Run is one run of the proxy: one command, or one `proxy serve`.
type Run struct {
	Name          string // unique in a recording; "" lets the recorder choose one
	Command       []string
	Context       string // the kubeconfig's context
	Server        string // the apiserver's URL
	ServerVersion string // "v1.37.2"; "" if it could not be asked
	ToolVersion   string
	Pattern       string // of the tests' names in User-Agents; "" for the usual one
	Start         time.Time
	// Uncertainty is how far the times of requests may be off from those of specs, in a run whose requests come from an audit
	// log, where times are all that is known of clients' processes. It is 0 for a run that was recorded.
	Uncertainty time.Duration
}

// RunEnd is what is known when a run ends.
type RunEnd struct {
	End      time.Time
	ExitCode int // of the command; 0 for `proxy serve`
}

// OwnProgram is the proxy's own User-Agent, for what it asks by itself.
const OwnProgram = "e2etap"

// Program is the program that a User-Agent names, without its version: what stands before the first slash or blank, "kubectl" of
// "kubectl/v1.37.2 (linux/amd64) …".
func Program(userAgent string) string {
	if i := strings.IndexAny(userAgent, "/ "); i >= 0 {
		return userAgent[:i]
	}
	return userAgent
}

// LongRunning tells whether requests of this kind may last for as long as the client likes, so that their rows are
// written when they start: the rule of kube-apiserver's own BasicLongRunningRequestCheck (cmd/kube-apiserver/app).
func (a API) LongRunning() bool {
	switch a.Verb {
	case "watch", "proxy":
		return true
	}
	switch a.Subresource {
	case "attach", "exec", "proxy", "log", "portforward":
		return true
	}
	return false
}
