package main

import (
	"errors"
	"io"
	"testing"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
)

// closing is a recording of which only the closing can be seen.
type closing struct {
	closed int
	err    error
}

func (c *closing) Close() error { c.closed++; return c.err }

// answer calls opened with what ask, opening, do and closing return, and tells what was called.
func answer(asked, open, done, closeErr error) (calls string, err error) {
	c := &closing{err: closeErr}
	err = opened(new(cobra.Command),
		func() (string, error) { calls += "ask "; return "question", asked },
		func(io.Writer) (*closing, error) { calls += "open "; return c, open },
		func(r *closing, q string) error { calls += "do " + q + " "; return done })
	if c.closed > 0 {
		calls += "close"
	}
	return calls, err
}

func TestOpenedClosesWhatItOpened(t *testing.T) {
	failed, alsoFailed := errors.New("failed"), errors.New("also failed")
	for _, tt := range []struct {
		name                      string
		asked, open, done, closed error
		calls                     string
		want                      []error
	}{
		{"all is well", nil, nil, nil, nil, "ask open do question close", nil},
		{"wrong flags", failed, nil, nil, nil, "ask ", []error{failed}},
		{"no recording", nil, failed, nil, nil, "ask open ", []error{failed}},
		{"no answer", nil, nil, failed, nil, "ask open do question close", []error{failed}},
		{"no answer and no end", nil, nil, failed, alsoFailed, "ask open do question close", []error{failed, alsoFailed}},
		{"no end", nil, nil, nil, failed, "ask open do question close", []error{failed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls, err := answer(tt.asked, tt.open, tt.done, tt.closed)
			if calls != tt.calls || (err != nil) != (tt.want != nil) {
				t.Errorf("calls %q, error %v; want %q, %v", calls, err, tt.calls, tt.want)
			}
			for _, want := range tt.want {
				if !errors.Is(err, want) {
					t.Errorf("error %v, want %v in it", err, want)
				}
			}
		})
	}
}

func TestWrongFlagsAreWrongUsage(t *testing.T) {
	_, err := answer(errors.New("--x: want y"), nil, nil, nil)
	if code := cli.Code(err); code != cli.ExitUsage {
		t.Errorf("exit code %d, want %d", code, cli.ExitUsage)
	}
}
