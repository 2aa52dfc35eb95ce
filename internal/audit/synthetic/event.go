package synthetic

import (
	"encoding/json"
	"strconv"
	"time"
)

// client is who sends a request, as the log shows it.
type client struct {
	user   string // JSON of the user, of the addresses, and of the User-Agent
	source string
	agent  string
	reason string // why it may, as a JSON string
}

// event is one event. Fields that are empty are not logged.
type event struct {
	by    *client
	stage string // "": ResponseComplete
	verb  string
	kind
	namespace, name string
	query           string // of the URI, as JSON has it
	path            string // of what is no resource
	code            int
	failure         string // JSON of the reason and message, before the code
	annotations     string // JSON of more of them

	id, uid      string
	revision     int
	received, at time.Time
}

// kind is a kind of objects, or a part of them.
type kind struct{ group, version, resource, subresource string }

// append appends the event as the API server logs it: k8s.io/apiserver's pkg/apis/audit/v1 says in which order.
func (e *event) append(b []byte) []byte {
	b = append(b, `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"`...)
	b = append(b, e.id...)
	stage := e.stage
	if stage == "" {
		stage = "ResponseComplete"
	}
	b = append(append(b, `","stage":"`...), stage...)
	b = e.appendURI(append(b, `","requestURI":"`...))
	b = append(append(b, `","verb":"`...), e.verb...)
	b = append(append(b, `","user":`...), e.by.user...)
	b = append(append(b, `,"sourceIPs":["`...), e.by.source...)
	b = append(append(b, `"],"userAgent":`...), e.by.agent...)
	b = e.appendObject(b)
	b = append(append(b, `,"responseStatus":{"metadata":{},`...), e.failure...)
	b = strconv.AppendInt(append(b, `"code":`...), int64(e.code), 10)
	const micro = "2006-01-02T15:04:05.000000Z"
	b = e.received.AppendFormat(append(b, `},"requestReceivedTimestamp":"`...), micro)
	b = e.at.AppendFormat(append(b, `","stageTimestamp":"`...), micro)
	b = append(append(b, `","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":`...), e.by.reason...)
	return append(append(b, e.annotations...), "}}\n"...)
}

func (e *event) appendURI(b []byte) []byte {
	if e.path != "" {
		return append(b, e.path...)
	}
	if e.group == "" {
		b = append(append(b, "/api/"...), e.version...)
	} else {
		b = append(append(append(append(b, "/apis/"...), e.group...), '/'), e.version...)
	}
	if e.namespace != "" && e.resource != "namespaces" {
		b = append(append(b, "/namespaces/"...), e.namespace...)
	}
	b = append(append(b, '/'), e.resource...)
	if e.name != "" && e.verb != "create" && e.verb != "list" && e.verb != "watch" {
		b = append(append(b, '/'), e.name...)
	}
	if e.subresource != "" {
		b = append(append(b, '/'), e.subresource...)
	}
	return append(b, e.query...)
}

func (e *event) appendObject(b []byte) []byte {
	if e.path != "" {
		return b
	}
	field := func(name, value string) {
		if value != "" {
			b = append(append(append(append(append(b, `,"`...), name...), `":"`...), value...), '"')
		}
	}
	b = append(append(append(b, `,"objectRef":{"resource":"`...), e.resource...), '"')
	field("namespace", e.namespace)
	field("name", e.name)
	field("uid", e.uid)
	field("apiGroup", e.group)
	field("apiVersion", e.version)
	if e.revision != 0 {
		field("resourceVersion", strconv.Itoa(e.revision))
	}
	field("subresource", e.subresource)
	return append(b, '}')
}

// quote is text as a JSON string. The API server escapes <, > and & as encoding/json does.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // no string fails
	}
	return string(b)
}
