package db

import "database/sql/driver"

// row is a request as its record has it. The first five texts are encoded values (see value), which are decoded only when
// they are new.
type row struct {
	outcome, flags                                                        byte
	id, connection, start, duration, firstByte, status, bytesIn, bytesOut int64
	endpoint, client, query, content, attribution                         []byte
	namespace, name, path, test, warnings, failure, audit                 []byte
}

// Flags of a row.
const (
	auditUUID    = 1 << iota // audit is a UUID's 16 bytes
	testOfAgent              // the test is the one that the User-Agent names; test is empty
	taggedAsTest             // the test was appended to the User-Agent that went upstream
)

func (r *row) decode(d *decoder) {
	r.outcome, r.flags = d.byte(), d.byte()
	for _, n := range [...]*int64{
		&r.id, &r.connection, &r.start, &r.duration, &r.firstByte, &r.status, &r.bytesIn, &r.bytesOut,
	} {
		*n = d.int()
	}
	for _, v := range [...]*[]byte{&r.endpoint, &r.client, &r.query, &r.content, &r.attribution} {
		*v = d.value()
	}
	for _, s := range [...]*[]byte{&r.namespace, &r.name, &r.path, &r.test, &r.warnings, &r.failure} {
		*s = d.text()
	}
	r.audit, d.rest = d.rest, nil
	if r.flags&auditUUID != 0 && len(r.audit) != 16 {
		d.fail()
	}
}

// completeEndpoint turns the endpoint of an old record into what it is now.
func (r *row) completeEndpoint(d *decoder) {
	e, err := decodeOldEndpoint(r.endpoint)
	if err != nil {
		d.fail()
		return
	}
	e.ask(len(r.namespace) > 0, len(r.name) > 0, string(r.path))
	r.endpoint = e.append(nil)
}

// auditID is the stored form.
func (r *row) auditID() driver.Value {
	if r.flags&auditUUID != 0 {
		return r.audit
	}
	return string(r.audit)
}
