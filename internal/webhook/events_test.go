package webhook

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Whatever is sent, what is kept are whole lines of JSON objects without objects of requests.
func FuzzLinesOf(f *testing.F) {
	for _, seed := range []string{
		list(`{"auditID":"a","requestObject":{"a":[1]},"x":"\u2028\n"}`), list(`{"a":{"requestObject":1}},{}`), list(`[]`), list(`null`),
		list(`{"responseObject":1,"responseObject":2,"":"\ud800"}`), `{"items":[{}]}`, "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, n, err := linesOf(data)
		if err != nil {
			return
		}
		if got := bytes.Count(lines, []byte("\n")); got != n {
			t.Fatalf("%d lines of %d events: %q", got, n, lines)
		}
		for line := range bytes.Lines(lines) {
			var event map[string]json.RawMessage
			if err := json.Unmarshal(line, &event); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if string(event["kind"]) != `"Event"` || event["requestObject"] != nil || event["responseObject"] != nil {
				t.Fatalf("%q", line)
			}
		}
	})
}
