package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"e2etap/test/cluster/internal/cache"
	"e2etap/test/cluster/internal/plane"
)

func newDown(std streams) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "down {DIR... | --all}",
		Short: "Stop clusters and remove their folders",
		Long: `Stop the clusters in the folders, as "up" printed them, or all clusters of the cache, and remove their folders
with their audit logs.`,
		Example: `  cluster down "$E2ETAP_CLUSTER"
  cluster down --all`,
		RunE: func(cmd *cobra.Command, dirs []string) error {
			if all == (len(dirs) > 0) {
				return usageError{errors.New("down wants the folder of a cluster, or --all")}
			}
			if all {
				dir, err := cache.Open()
				if err != nil {
					return err
				}
				if dirs, err = plane.List(dir); err != nil {
					return err
				}
			}
			return stopAll(cmd.Context(), dirs, std)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "stop all clusters of the cache")
	return cmd
}

func stopAll(ctx context.Context, dirs []string, std streams) error {
	var errs []error
	for _, dir := range dirs {
		dir, err := filepath.Abs(dir)
		if err == nil {
			err = plane.StopDir(ctx, dir)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		fmt.Fprintln(std.err, "stopped", dir)
	}
	return errors.Join(errs...)
}
