package audit

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// parser parses one event after the other into the same Event.
type parser struct {
	scanner
	words  *words
	event  Event
	header header
}

// parse parses an Event or an EventList, whose items it leaves in the header.
func (p *parser) parse() error {
	p.event, p.header = Event{}, header{}
	found, err := p.object(p.field)
	if err == nil && !found {
		return &typeError{want: "an event", got: "null"}
	}
	return err
}

func (p *parser) field(key []byte) error {
	err := p.value(key)
	if err != nil && isType(err) {
		return fmt.Errorf("in %s: %w", key, err)
	}
	return err
}

func (p *parser) value(key []byte) error {
	switch string(key) {
	case "kind":
		return p.word(&p.header.kind)
	case "apiVersion":
		return p.word(&p.header.version)
	case "auditID":
		return p.unique(&p.event.ID)
	case "stage":
		return p.word(&p.header.stage)
	case "requestURI":
		return p.path(&p.event.Path)
	case "verb":
		return p.word(&p.event.API.Verb)
	case "user":
		return p.user(&p.event.User)
	case "impersonatedUser":
		return p.user(&p.event.Impersonated)
	case "sourceIPs":
		return p.list(&p.event.SourceIPs)
	case "userAgent":
		return p.word(&p.event.UserAgent)
	case "objectRef":
		_, err := p.object(p.objectRef)
		return err
	case "responseStatus":
		_, err := p.object(p.status)
		return err
	case "requestReceivedTimestamp":
		return p.time(&p.event.Received)
	case "stageTimestamp":
		return p.time(&p.event.At)
	case "timestamp":
		return p.time(&p.header.timestamp)
	case "metadata":
		_, err := p.object(p.metadata)
		return err
	case "items":
		return p.items()
	}
	return p.skipped()
}

func (p *parser) objectRef(key []byte) error {
	api := &p.event.API
	switch string(key) {
	case "resource":
		return p.word(&api.Resource)
	case "subresource":
		return p.word(&api.Subresource)
	case "namespace":
		return p.word(&api.Namespace)
	case "name":
		return p.word(&api.Name)
	case "apiGroup":
		return p.word(&api.Group)
	case "apiVersion":
		return p.word(&api.Version)
	}
	return p.skipped()
}

func (p *parser) user(name *string) error {
	_, err := p.object(func(key []byte) error {
		if string(key) == "username" {
			return p.word(name)
		}
		return p.skipped()
	})
	return err
}

func (p *parser) metadata(key []byte) error {
	if string(key) == "creationTimestamp" {
		return p.time(&p.header.created)
	}
	return p.skipped()
}

func (p *parser) status(key []byte) error {
	if string(key) != "code" {
		return p.skipped()
	}
	value, err := p.skip()
	if err != nil || string(value) == "null" {
		return err
	}
	code, err := strconv.ParseInt(string(value), 10, 32)
	if err != nil {
		return &typeError{want: "a whole number of 32 bits", got: typeOf(value)}
	}
	p.event.Status = int(code)
	return nil
}

func (p *parser) items() error {
	value, err := p.skip()
	if err != nil || string(value) == "null" {
		return err
	}
	if value[0] != '[' {
		return &typeError{want: "an array", got: typeOf(value)}
	}
	p.header.items = value
	return nil
}

// string goes over a string, or over null, for which it returns nil.
func (p *parser) string() ([]byte, error) {
	switch p.space() {
	case '"':
		return p.quoted()
	case 'n':
		return nil, p.literal("null")
	}
	return nil, p.mismatch("a string")
}

// word parses a string that repeats.
func (p *parser) word(to *string) error {
	raw, err := p.string()
	if raw == nil || err != nil {
		return err
	}
	text, err := unescape(raw)
	*to = p.words.word(text)
	return err
}

func (p *parser) unique(to *string) error {
	raw, err := p.string()
	if raw == nil || err != nil {
		return err
	}
	text, err := unescape(raw)
	*to = string(text)
	return err
}

// path parses a URI up to its query, which may hold secrets and, with its escaped ampersands, costs most to parse.
func (p *parser) path(to *string) error {
	raw, err := p.string()
	if raw == nil || err != nil {
		return err
	}
	raw, _, _ = bytes.Cut(raw, []byte("?"))
	text, err := unescape(raw)
	text, _, _ = bytes.Cut(text, []byte("?")) // which was escaped
	*to = p.words.word(text)
	return err
}

func (p *parser) list(to *[]string) error {
	raw, err := p.skip()
	if err != nil {
		return err
	}
	if known, ok := p.words.list(raw); ok {
		*to = known
		return nil
	}
	inner := parser{scanner: scanner{data: raw}, words: p.words}
	var list []string
	if _, err := inner.array(func() error {
		list = append(list, "")
		return inner.word(&list[len(list)-1])
	}); err != nil {
		return err
	}
	p.words.addList(raw, list)
	*to = list
	return nil
}

// time parses a time of RFC 3339, as UTC.
func (p *parser) time(to *time.Time) error {
	raw, err := p.string()
	if raw == nil || err != nil {
		return err
	}
	if at, ok := microTime(raw); ok {
		*to = at
		return nil
	}
	text, err := unescape(raw)
	if err != nil {
		return err
	}
	var at time.Time
	if err := at.UnmarshalText(text); err != nil {
		return &typeError{want: "a time of RFC 3339", got: "another string"}
	}
	*to = at.UTC()
	return nil
}

// microTime parses what metav1.MicroTime writes, as in 2026-11-24T16:53:42.582189Z.
func microTime(raw []byte) (time.Time, bool) {
	const layout = "0000-00-00T00:00:00.000000Z"
	if len(raw) != len(layout) {
		return time.Time{}, false
	}
	for i, c := range raw {
		if layout[i] == '0' && c-'0' > 9 || layout[i] != '0' && layout[i] != c {
			return time.Time{}, false
		}
	}
	year, month, day := number(raw[:4]), time.Month(number(raw[5:7])), number(raw[8:10])
	hour, minute, second := number(raw[11:13]), number(raw[14:16]), number(raw[17:19])
	if month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false // or perhaps the end of a month, which time.Parse can tell
	}
	return time.Date(year, month, day, hour, minute, second, number(raw[20:26])*1000, time.UTC), true
}

func number(digits []byte) int {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}
