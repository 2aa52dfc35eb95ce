package db

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
)

// ByPhase calls do once for each test (its name; "" for requests without one), endpoint and phase ([traffic.Phase]) that the chosen
// requests have, with their number, which is 1 or more, until one call fails. The order is that of the tests' names, endpoints and
// phases. The summary knows no phases, so it reads rows.
func (r *Reader) ByPhase(f Filter, do func(test string, e Endpoint, phase, requests int64) error) error {
	var b byTestAndEndpoint
	counts := map[phaseKey]int64{}
	err := r.Snapshot(func() (err error) {
		if b, err = r.byTestAndEndpoint(f); err != nil {
			return err
		}
		where, args := b.onRequest()
		return eachRow(r.conn, `SELECT r.test, r.endpoint, a.phase, count(*) FROM `+requestFrom+` WHERE `+where+` GROUP BY 1, 2, 3`,
			func(row []driver.Value) error {
				n := func(i int) int64 { return row[i].(int64) }
				counts[phaseKey{b.names[n(0)], b.ranks[n(1)], n(2)}] += n(3)
				return nil
			}, args...)
	})
	if err != nil {
		return fmt.Errorf("count requests of %s by phase: %w", r.path, err)
	}
	for _, k := range slices.SortedFunc(maps.Keys(counts), phaseKey.compare) {
		if err := do(k.test, b.ranked[k.endpoint], k.phase, counts[k]); err != nil {
			return err
		}
	}
	return nil
}

// phaseKey is what ByPhase counts by, without IDs, as endpointKey.
type phaseKey struct {
	test     string
	endpoint int // rank
	phase    int64
}

func (k phaseKey) compare(other phaseKey) int {
	if k.test != other.test {
		return cmp.Compare(k.test, other.test)
	}
	return cmp.Or(cmp.Compare(k.endpoint, other.endpoint), cmp.Compare(k.phase, other.phase))
}
