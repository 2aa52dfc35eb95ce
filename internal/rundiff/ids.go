package rundiff

import (
	"errors"

	"e2etap/internal/coverage"
	"e2etap/internal/db"
)

// OperationIDs are the IDs of operations in the API servers' documents, such as "listAppsV1NamespacedDeployment", by [OperationOf];
// "" if several are called so.
type OperationIDs map[string]string

// learn adds those of a run's requests, if the recording has the API server's operations.
func (ids OperationIDs) learn(r *db.Reader, run db.RunInfo) error {
	documented, err := coverage.Load(r, run)
	if errors.Is(err, coverage.ErrNoOperations) {
		return nil
	}
	if err != nil {
		return err
	}
	resolve := documented.Resolver()
	return r.ByEndpoint(db.Filter{Runs: []int64{run.ID}}, func(_ string, e db.Endpoint, _, _, _ int64) error {
		if op := resolve(e); op != nil {
			called := OperationOf(e)
			if id, known := ids[called]; known && id != op.ID {
				ids[called] = ""
			} else {
				ids[called] = op.ID
			}
		}
		return nil
	})
}
