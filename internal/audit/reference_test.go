package audit

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// reference is an event as encoding/json reads it. No field is a pointer, so that null leaves all as it was.
type reference struct {
	Kind                     string            `json:"kind"`
	APIVersion               string            `json:"apiVersion"`
	AuditID                  string            `json:"auditID"`
	Stage                    string            `json:"stage"`
	RequestURI               string            `json:"requestURI"`
	Verb                     string            `json:"verb"`
	User                     referenceUser     `json:"user"`
	ImpersonatedUser         referenceUser     `json:"impersonatedUser"`
	SourceIPs                []string          `json:"sourceIPs"`
	UserAgent                string            `json:"userAgent"`
	ObjectRef                referenceObject   `json:"objectRef"`
	ResponseStatus           referenceStatus   `json:"responseStatus"`
	RequestReceivedTimestamp referenceTime     `json:"requestReceivedTimestamp"`
	StageTimestamp           referenceTime     `json:"stageTimestamp"`
	Timestamp                referenceTime     `json:"timestamp"`
	Metadata                 referenceMetadata `json:"metadata"`
	Items                    []json.RawMessage `json:"items"`
}

type referenceUser struct {
	Username string `json:"username"`
}

type referenceObject struct {
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	APIGroup    string `json:"apiGroup"`
	APIVersion  string `json:"apiVersion"`
}

type referenceStatus struct {
	Code int32 `json:"code"`
}

type referenceMetadata struct {
	CreationTimestamp referenceTime `json:"creationTimestamp"`
}

// referenceTime is a time whose string may be escaped, which time.Time's UnmarshalJSON refuses.
type referenceTime struct{ at time.Time }

func (r *referenceTime) UnmarshalText(text []byte) error { return r.at.UnmarshalText(text) }

// sameAsReference compares all that the parser keeps with what encoding/json reads.
func sameAsReference(t *testing.T, p *parser, want *reference) {
	t.Helper()
	var got reference
	e, h := &p.event, &p.header
	got.Kind, got.APIVersion, got.Stage, got.AuditID = h.kind, h.version, h.stage, e.ID
	got.RequestURI, got.Verb, got.UserAgent = e.Path, e.API.Verb, e.UserAgent
	got.User.Username, got.ImpersonatedUser.Username = e.User, e.Impersonated
	got.ObjectRef = referenceObject{e.API.Resource, e.API.Subresource, e.API.Namespace, e.API.Name, e.API.Group, e.API.Version}
	got.ResponseStatus.Code = int32(e.Status)
	path, _, _ := strings.Cut(want.RequestURI, "?")
	wanted := *want
	wanted.RequestURI, wanted.SourceIPs, wanted.Items = path, nil, nil
	wanted.RequestReceivedTimestamp, wanted.StageTimestamp = referenceTime{}, referenceTime{}
	wanted.Timestamp, wanted.Metadata = referenceTime{}, referenceMetadata{}
	if diff := cmp.Diff(wanted, got, cmp.AllowUnexported(referenceTime{})); diff != "" {
		t.Errorf("fields differ from encoding/json's (-json +got):\n%s", diff)
	}
	if !slices.Equal(e.SourceIPs, want.SourceIPs) {
		t.Errorf("sourceIPs %q, encoding/json reads %q", e.SourceIPs, want.SourceIPs)
	}
	for _, times := range [][2]time.Time{
		{e.Received, want.RequestReceivedTimestamp.at},
		{e.At, want.StageTimestamp.at},
		{h.timestamp, want.Timestamp.at},
		{h.created, want.Metadata.CreationTimestamp.at},
	} {
		if !times[0].Equal(times[1]) {
			t.Errorf("time %v, encoding/json reads %v", times[0], times[1])
		}
	}
}

// FuzzLine checks that the parser accepts what encoding/json accepts, and reads the same from it.
func FuzzLine(f *testing.F) {
	for _, seed := range append(seeds(f), oddities()...) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := parser{scanner: scanner{data: data}, words: newWords()}
		err := p.parse()
		if p.space(); err == nil && p.pos != len(data) {
			t.Skip("more than one value")
		}
		if bytes.Equal(bytes.TrimSpace(data), []byte("null")) || folds(data) {
			t.Skip("encoding/json takes null for an object, and keys in any case")
		}
		var want reference
		wantErr := json.Unmarshal(data, &want)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("parse: %v, encoding/json: %v", err, wantErr)
		}
		if err == nil {
			sameAsReference(t, &p, &want)
		}
	})
}

// FuzzRead checks that no log makes Read fail, or name a line that the log does not have.
func FuzzRead(f *testing.F) {
	for _, path := range logs(f) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		last := 1
		err := Read(bytes.NewReader(data), "log", func(e *Event) error {
			if e.ID == "" || e.Stage == 0 || strings.Contains(e.Path, "?") {
				t.Errorf("event %+v", e)
			}
			return nil
		}, func(b Broken) {
			if b.Line < last || b.Line > bytes.Count(data, []byte("\n"))+1 {
				t.Errorf("line %d after %d: %v", b.Line, last, b.Err)
			}
			last = b.Line
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// oddities are valid and broken JSON that no API server writes.
func oddities() [][]byte {
	var all [][]byte
	for _, s := range []string{
		`{"auditID":"\u00e4\ud83d\ude00\ud83d","verb":"g\"e\\t","\u0073tage":"Panic"}`,
		"{\"auditID\":\"\xff\xfe\",\"userAgent\":\"\xc3\xa4\"}",
		`{"requestURI":"/a\u003fb?c","sourceIPs":["::1",null,"\u0031"]}`,
		`{"requestURI":"/a\ud83d?c","sourceIPs":null,"user":null,"objectRef":null,"responseStatus":{"code":null}}`,
		`{"responseStatus":{"code":-0}}`, `{"responseStatus":{"code":1e2}}`, `{"responseStatus":{"code":2147483648}}`,
		`{"stageTimestamp":"2026-02-30T00:00:00.000000Z"}`, `{"stageTimestamp":"2026-01-31T23:59:59.999999Z"}`,
		`{"stageTimestamp":"2026-01-31T23:59:59+01:00","timestamp":null,"metadata":{"creationTimestamp":"x"}}`,
		`{"a":[1,-0.5e+7,true,false,null,{},[],{"b":[{}]}]}`, `{"a":01}`, `{"a":1.}`, `{"a":[1,]}`, `{"a":1,}`, `{,}`, `{"a" 1}`,
		`{"verb":1}`, `{"user":[]}`, `{"sourceIPs":{}}`, `{"sourceIPs":[1]}`, `{"items":{}}`, `{"items":[{},null]}`,
		"{\"verb\":\"a\nb\"}", "{\"verb\":\"more than eight\nbytes of a string\"}", `{"verb":"\x"}`, `{"verb":"\u12"}`, `[]`, `7`, `"x"`, ` { } `, `{"a":nul`, ``,
		`{"user":{"username":"a"},"user":{},"verb":"x","verb":null}`,
	} {
		all = append(all, []byte(s))
	}
	return all
}

// folds tells whether a key differs in case only from one that is known.
func folds(data []byte) bool {
	var value any
	return json.Unmarshal(data, &value) == nil && foldsIn(value)
}

func foldsIn(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, foldsIn)
	case map[string]any:
		for key, inner := range value {
			if known := known(key); known != "" && known != key || foldsIn(inner) {
				return true
			}
		}
	}
	return false
}

// known returns the known key that the key is, in any case.
func known(key string) string {
	for _, known := range strings.Fields(`kind apiVersion auditID stage requestURI verb user impersonatedUser sourceIPs
		userAgent objectRef responseStatus requestReceivedTimestamp stageTimestamp timestamp metadata items username resource
		subresource namespace name apiGroup code creationTimestamp`) {
		if strings.EqualFold(key, known) {
			return known
		}
	}
	return ""
}
