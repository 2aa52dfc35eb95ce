package main

import (
	"github.com/spf13/cobra"

	"e2etap/test/cluster/internal/binaries"
	"e2etap/test/cluster/internal/cache"
)

func newBuild(std streams) *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "Build all binaries into the cache, where they are missing or out of date",
		Long: `Build all binaries into the cache: the control plane, kwok, kubectl, the Kubernetes e2e suite, ginkgo and this
command. It takes about a quarter of an hour on two cores when Go's build cache is empty.

The cache is the folder .cache/cluster of the repository, or the one that ` + cache.Env + ` names.`,
		Example: `  go run -C test/cluster . build`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			source, err := cache.Module()
			if err != nil {
				return err
			}
			dir, err := cache.Open()
			if err != nil {
				return err
			}
			return binaries.Build(cmd.Context(), dir, source, std.err)
		},
	}
}
