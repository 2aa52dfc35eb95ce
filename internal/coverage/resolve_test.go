package coverage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
)

// Counting and the resolver have to agree, request by request.
func TestResolverFindsTheOperationsThatRequestsCountFor(t *testing.T) {
	r, info := record(t, kubernetes(t),
		asked(t, "one", "GET", "/api/v1/namespaces/a/pods", 200), asked(t, "one", "GET", "/api/v1/namespaces/a/pods?watch=true", 200),
		asked(t, "two", "GET", "/version", 200), asked(t, "two", "GET", "/apis/example.com/v1/taps?watch=true", 200),
		asked(t, "two", "GET", "/healthz", 200))
	run, err := Load(r, info)
	if err != nil {
		t.Fatal(err)
	}
	got, want := map[string]int64{}, map[string]int64{"": 1}
	resolve := run.Resolver()
	err = r.ByEndpoint(db.Filter{Runs: []int64{info.ID}}, func(_ string, e db.Endpoint, _, _, requests int64) error {
		id := ""
		if op := resolve(e); op != nil {
			id = op.ID
		}
		got[id] += requests
		return nil
	})
	for i := range run.Operations {
		if op := &run.Operations[i]; op.Requests > 0 {
			want[op.ID] = op.Requests
		}
	}
	if d := cmp.Diff(want, got); err != nil || d != "" || len(got) != 5 {
		t.Errorf("%v, requests by operation (-counted +resolved):\n%s", err, d)
	}
}

func TestOwnOperationsAreNotOfCustomResources(t *testing.T) {
	run := load(t, kubernetes(t))
	own := run.Own()
	if len(own) == 0 || len(own) != len(run.Operations)-1 {
		t.Errorf("%d operations of %d are Kubernetes' own, want all but one", len(own), len(run.Operations))
	}
	for _, op := range own {
		if op.Group == "example.com" {
			t.Errorf("%s is said to be Kubernetes' own", op.ID)
		}
	}
}
