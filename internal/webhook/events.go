package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// version is the only one that API servers send since Kubernetes 1.24.
const version = "audit.k8s.io/v1"

// linesOf returns the events of an EventList, such as
//
//	{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"level":"Metadata","auditID":"…",…}]}
//
// as lines of a log, and their number. Events in lists do not say what they are; those in a log do.
func linesOf(list []byte) (lines []byte, n int, err error) {
	var batch struct {
		Kind       string            `json:"kind"`
		APIVersion string            `json:"apiVersion"`
		Items      []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(list, &batch); err != nil {
		return nil, 0, fmt.Errorf("parse batch: %w", err)
	}
	if batch.Kind != "EventList" || batch.APIVersion != version {
		return nil, 0, fmt.Errorf("%.60q of %.60q, want EventList of %s", batch.Kind, batch.APIVersion, version)
	}
	var out bytes.Buffer
	out.Grow(len(list) + 64*len(batch.Items))
	for i, item := range batch.Items {
		if err := appendLine(&out, item); err != nil {
			return nil, 0, fmt.Errorf("item %d: %w", i, err)
		}
	}
	return out.Bytes(), len(batch.Items), nil
}

// appendLine appends an event as a line. The values are as they were sent, without the white space between their parts.
func appendLine(out *bytes.Buffer, event []byte) error {
	d := json.NewDecoder(bytes.NewReader(event))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return errors.New("want an event, a JSON object")
	}
	out.WriteString(`{"kind":"Event","apiVersion":"` + version + `"`)
	for d.More() {
		key, value, err := field(d)
		if err != nil {
			return err
		}
		if leftOut(key) {
			continue
		}
		name, err := json.Marshal(key)
		if err != nil {
			return err
		}
		out.WriteByte(',')
		out.Write(name)
		out.WriteByte(':')
		if err := json.Compact(out, value); err != nil {
			return err
		}
	}
	out.WriteString("}\n")
	return nil
}

func field(d *json.Decoder) (key string, value json.RawMessage, err error) {
	token, err := d.Token()
	if err != nil {
		return "", nil, err
	}
	key, ok := token.(string)
	if !ok {
		return "", nil, fmt.Errorf("found %v, want the name of a field", token)
	}
	if err = d.Decode(&value); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return key, value, err
}

// leftOut tells which fields are not kept: those that linesOf writes itself, and the objects, in any case in which a reader might
// take them.
func leftOut(key string) bool {
	for _, name := range []string{"kind", "apiVersion", "requestObject", "responseObject"} {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}
