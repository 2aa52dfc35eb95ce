package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// execute runs "tool work --count N", which fails with failure.
func execute(t *testing.T, failure error, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	work := &cobra.Command{
		Use: "work", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), "worked")
			return failure
		},
	}
	work.Flags().Int("count", 0, "")
	root := &cobra.Command{Use: "tool"}
	root.AddCommand(work)
	var out, err bytes.Buffer
	code = Execute(context.Background(), root, args, strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

func TestExecute(t *testing.T) {
	for name, tt := range map[string]struct {
		failure error
		args    string
		code    int
		stderr  string
	}{
		"success":           {nil, "work", 0, ""},
		"failure":           {errors.New("broken"), "work", 1, "tool: broken\n"},
		"usage, in time":    {nil, "work --count x", 2, "tool: invalid argument \"x\" for \"--count\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\nhint: see \"tool work --help\"\n"},
		"unknown flag":      {nil, "work --nonsense", 2, "tool: unknown flag: --nonsense\nhint: see \"tool work --help\"\n"},
		"unknown command":   {nil, "play", 2, "tool: unknown command \"play\" for \"tool\"\nhint: see \"tool --help\"\n"},
		"usage, too late":   {UsageError(errors.New("--count 1: want 2")), "work", 2, "tool: --count 1: want 2\nhint: see \"tool work --help\"\n"},
		"code without word": {&ExitError{Code: 7}, "work", 7, ""},
		"usage's code only": {&ExitError{Code: 2}, "work", 2, ""},
		"code, wrapped":     {fmt.Errorf("run: %w", &ExitError{Code: 3, Err: errors.New("lost")}), "work", 3, "tool: run: lost\n"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := execute(t, tt.failure, strings.Fields(tt.args)...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if diff := cmp.Diff(tt.stderr, stderr); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExecutePrintsToItsWriters(t *testing.T) {
	if _, stdout, _ := execute(t, nil, "work"); stdout != "worked\n" {
		t.Errorf("stdout %q", stdout)
	}
	if code, stdout, stderr := execute(t, nil, "--version"); code != 0 || !strings.HasPrefix(stdout, "tool version ") || stderr != "" {
		t.Errorf("code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestCode(t *testing.T) {
	for want, err := range map[int]error{
		ExitOK:      nil,
		ExitFailure: errors.New("broken"),
		ExitUsage:   UsageError(errors.New("wrong")),
		7:           errors.Join(errors.New("first"), &ExitError{Code: 7}),
	} {
		if got := Code(err); got != want {
			t.Errorf("Code(%v) = %d, want %d", err, got, want)
		}
	}
}

func TestExitErrorHasAText(t *testing.T) {
	if got := (&ExitError{Code: 7}).Error(); got != "exit code 7" {
		t.Errorf("%q", got)
	}
	inner := errors.New("inner")
	if !errors.Is(UsageError(inner), inner) {
		t.Error("the inner error is not found")
	}
}
