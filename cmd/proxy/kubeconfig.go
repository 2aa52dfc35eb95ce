package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	e2etap "e2etap"
)

func newKubeconfigCommand() *cobra.Command {
	var pid int
	var templateFile string
	cmd := &cobra.Command{
		Use:   "kubeconfig [flags]",
		Short: "Print the kubeconfig of a running proxy",
		Long: `kubeconfig renders kubeconfig-template.yaml, or a template of your own, for a proxy of yours that is running.

The result holds the run's credentials, which end with the run: who has it acts as you until then. A template is a Go
text/template; kubeconfig-template.yaml, at the root of the repository, documents what it can use.`,
		Example: `  proxy kubeconfig > kubeconfig
  proxy kubeconfig --pid 4711 --template mine.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := e2etap.KubeconfigTemplate
			if templateFile != "" {
				b, err := os.ReadFile(templateFile)
				if err != nil {
					return fmt.Errorf("read --template: %w", err)
				}
				text = string(b)
			}
			s, err := choose(pid)
			if err != nil {
				return err
			}
			var whole bytes.Buffer // nothing is printed if the template fails
			if err := s.Kubeconfig.Render(&whole, text); err != nil {
				return err
			}
			_, err = whole.WriteTo(cmd.OutOrStdout())
			return err
		},
	}
	cmd.Flags().IntVar(&pid, "pid", 0, "process ID of the proxy (default: the one that is running)")
	cmd.Flags().StringVar(&templateFile, "template", "", "file to render instead of kubeconfig-template.yaml")
	return cmd
}

// choose finds the running proxy that is meant; pid 0 means the only one.
func choose(pid int) (state, error) {
	states, err := running()
	if err != nil {
		return state{}, err
	}
	var names []string
	for _, s := range states {
		if s.PID == pid || pid == 0 && len(states) == 1 {
			return s, nil
		}
		names = append(names, fmt.Sprintf("--pid %d (%s)", s.PID, strings.Join(append([]string{s.Server}, s.Command...), " ")))
	}
	switch {
	case len(states) == 0:
		return state{}, errors.New("no proxy of yours is running\nhint: start one with \"proxy serve\"")
	case pid != 0:
		return state{}, fmt.Errorf("no proxy of yours has the process ID %d, want one of:\n  %s", pid, strings.Join(names, "\n  "))
	}
	return state{}, fmt.Errorf("%d proxies of yours are running, choose one:\n  %s", len(states), strings.Join(names, "\n  "))
}
