package plane

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// stopWithin is more than a supervisor needs when each of its five processes has to be killed.
const stopWithin = time.Minute

// StopDir stops the cluster in the folder, started by another process, and returns when its supervisor has ended and
// the folder is gone. A supervisor that does not answer is killed, and its children with it.
func StopDir(ctx context.Context, dir string) error {
	process, err := supervisor(dir)
	if err != nil {
		return err
	}
	if process != nil {
		defer process.Release()
		if err := stopProcess(ctx, dir, process); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove cluster folder: %w", err)
	}
	return nil
}

func stopProcess(ctx context.Context, dir string, process *os.Process) error {
	_ = process.Signal(syscall.SIGTERM)
	patience, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	if awaitEnd(patience, dir) == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stop cluster %s: %w", dir, err)
	}
	_ = process.Kill()
	return awaitEnd(ctx, dir)
}

// awaitEnd returns nil when the supervisor of the cluster in the folder has ended.
func awaitEnd(ctx context.Context, dir string) error {
	return poll(ctx, func() error {
		alive, err := running(dir)
		if err == nil && alive {
			return fmt.Errorf("the supervisor of %s still runs", dir)
		}
		return err
	})
}
