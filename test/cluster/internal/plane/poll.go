package plane

import (
	"context"
	"fmt"
	"time"
)

// poll calls condition until it returns nil. When ctx ends first, the error says what condition last said.
func poll(ctx context.Context, condition func() error) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := condition()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}
