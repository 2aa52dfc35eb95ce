package mark

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const (
	path = "/e2e/mark" // below the token
	// maxBody is more than a name of maxName needs, each byte of which may be sent as three.
	maxBody = 64 << 10
	maxName = 16 << 10
)

// refusal is an error with another status than 400.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

// order is what a request asks for.
type order struct {
	test string // "": the one before ends
	pid  int    // 0: that of the sender
}

// read reads the parameters of a mark from the query and the body. Parameters that are none of a mark's are refused:
// a name with & in it that was not encoded would lose what follows.
func read(w http.ResponseWriter, r *http.Request) (order, error) {
	body := r.Body
	if r.ContentLength > maxBody {
		return order{}, tooLong(body)
	}
	r.Body = http.MaxBytesReader(w, body, maxBody)
	err := r.ParseForm()
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return order{}, tooLong(body)
	}
	if err != nil {
		return order{}, fmt.Errorf("read parameters: %w; want them URL-encoded, as curl --data-urlencode does it", err)
	}
	for name, values := range r.Form {
		if name != "test" && name != "pid" {
			return order{}, fmt.Errorf("parameter %q: want test or pid; curl --data-urlencode sends names with & in them", name)
		}
		if len(values) != 1 {
			return order{}, fmt.Errorf("parameter %q: is there %d times, want it once", name, len(values))
		}
	}
	if !r.Form.Has("test") {
		return order{}, fmt.Errorf("no parameter \"test\" in the query, nor in a body of type %q; want test=NAME in a body of type "+
			"\"application/x-www-form-urlencoded\", or test= to end a test", r.Header.Get("Content-Type"))
	}
	return parse(r.Form.Get("test"), r.Form.Get("pid"))
}

// tooLong refuses a body, of which it reads more all the same: a client that still sends when the connection is closed may not get
// to the answer.
func tooLong(body io.Reader) error {
	_, _ = io.CopyN(io.Discard, body, 16*maxBody)
	return &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is too long, want at most %d bytes", maxBody)}
}

func parse(test, pid string) (order, error) {
	o := order{test: strings.TrimSpace(test)}
	if len(o.test) > maxName {
		return order{}, fmt.Errorf("the test's name has %d bytes, want at most %d", len(o.test), maxName)
	}
	if pid == "" {
		return o, nil
	}
	n, err := strconv.ParseInt(pid, 10, 32)
	if err != nil || n < 1 {
		return order{}, fmt.Errorf("pid %q: want the number of a process", pid)
	}
	o.pid = int(n)
	return o, nil
}
