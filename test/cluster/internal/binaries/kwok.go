package binaries

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"e2etap/test/cluster/internal/cache"
)

// kwokStages are the files, in kwok's module, that say how its nodes become and stay ready, and how its pods run, end
// and are deleted.
var kwokStages = []string{
	"kustomize/stage/node/fast/node-initialize.yaml",
	"kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
	"kustomize/stage/pod/fast/pod-ready.yaml",
	"kustomize/stage/pod/fast/pod-complete.yaml",
	"kustomize/stage/pod/fast/pod-delete.yaml",
}

// writeKwokStages joins kwok's stage files into one file in the cache: kwok has none built in and refuses to start
// without any.
func writeKwokStages(ctx context.Context, dir cache.Dir, source string) error {
	out, err := goCommand(ctx, source, nil, "mod", "download", "-json", kwokModule+"@"+kwokVersion)
	if err != nil {
		return fmt.Errorf("find kwok's module: %w", err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return fmt.Errorf("parse where kwok's module is: %w", err)
	}
	var all bytes.Buffer
	for _, name := range kwokStages {
		stage, err := os.ReadFile(filepath.Join(module.Dir, filepath.FromSlash(name)))
		if err != nil {
			return fmt.Errorf("read kwok's stage: %w", err)
		}
		fmt.Fprintf(&all, "---\n%s\n", stage)
	}
	return writeFile(dir.KwokStages(), all.Bytes())
}
