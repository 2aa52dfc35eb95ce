package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
)

// opened answers what flags ask of a recording: it has the flags read, for what is asked, before it opens the recording, and closes that
// whatever do returns. An error of ask is one of usage.
func opened[Q any, R io.Closer](cmd *cobra.Command, ask func() (Q, error), open func(stderr io.Writer) (R, error), do func(R, Q) error) error {
	q, err := ask()
	if err != nil {
		return cli.UsageError(err)
	}
	r, err := open(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	return errors.Join(do(r, q), r.Close())
}
