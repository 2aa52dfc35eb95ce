package acceptance

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/discovery"

	"e2etap/internal/clustertest"
	"e2etap/internal/operation"
	"e2etap/internal/operation/server"
)

// allAPIs are the flags with which Kubernetes makes the OpenAPI documents in its repository (hack/update-openapi-spec.sh).
var allAPIs = []string{
	"--runtime-config=api/all=true", "--feature-gates=AllAlpha=true,AllBeta=true", "--enable-logs-handler=true",
}

// repositorys returns the operations of api/openapi-spec/swagger.json of the Kubernetes that the cluster is built from.
func repositorys(t *testing.T) *operation.Catalog {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", "k8s.io/kubernetes")
	cmd.Dir = filepath.Join("..", "cluster")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("find the sources of Kubernetes: %v\n%s", err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(module.Dir, "api", "openapi-spec", "swagger.json"))
	if err != nil {
		t.Fatal(err)
	}
	return readCatalog(t, data, "swagger.json")
}

func readCatalog(t *testing.T, data []byte, name string) *operation.Catalog {
	t.Helper()
	ops, err := operation.Read(bytes.NewReader(data), name)
	if err != nil {
		t.Fatal(err)
	}
	return operation.NewCatalog(ops)
}

// served returns the operations that the cluster documents in OpenAPI version 3, group version by group version. Custom
// resources of other tests may go while it asks.
func served(t *testing.T, c *clustertest.Cluster) *operation.Catalog {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		ops, err := server.FromServer(t.Context(), discovery.NewDiscoveryClientForConfigOrDie(c.RESTConfig(t)))
		if err == nil {
			return operation.NewCatalog(ops)
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// servedInV2 returns the operations that the cluster documents in OpenAPI version 2, all in one document.
func servedInV2(t *testing.T, c *clustertest.Cluster) *operation.Catalog {
	t.Helper()
	client := discovery.NewDiscoveryClientForConfigOrDie(c.RESTConfig(t)).RESTClient()
	data, err := client.Get().AbsPath("/openapi/v2").SetHeader("Accept", "application/json").Do(t.Context()).Raw()
	if err != nil {
		t.Fatal(err)
	}
	return readCatalog(t, data, "/openapi/v2")
}

func TestOperationsOfKubernetesAreAsManyAsItsAuthorsCount(t *testing.T) {
	clustertest.Start(t) // whose sources are read, and which skips the test where there are none
	got := map[string]int{}
	paths := map[string]bool{}
	for _, op := range repositorys(t).Operations() {
		paths[op.Path] = true
		got["operations"]++
		if op.Deprecated {
			got["deprecated"]++
		} else if op.Level == operation.Stable {
			got["stable, not deprecated"]++
		}
	}
	got["paths"] = len(paths)
	want := map[string]int{"paths": 602, "operations": 1202, "deprecated": 231, "stable, not deprecated": 709}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("counts of v1.37.2's swagger.json (-want +got):\n%s", d)
	}
}

// TestOperationsOfTheServer compares what a server documents, in both versions of OpenAPI, with Kubernetes' repository,
// and then asks for each operation.
func TestOperationsOfTheServer(t *testing.T) {
	t.Run("with its usual APIs", func(t *testing.T) {
		c := clustertest.Start(t)
		catalog := served(t, c)
		ops := kubernetesOwn(catalog)
		compareWithV2(t, c, ops)
		compareWithRepository(t, ops)
		askForEach(t, c, catalog, ops)
	})
	t.Run("with all APIs", func(t *testing.T) {
		c := clustertest.StartOwn(t, allAPIs...)
		catalog := served(t, c)
		ops := catalog.Operations()
		compareWithV2(t, c, ops)
		if d := cmp.Diff(repositorys(t).Operations(), ops); d != "" {
			t.Errorf("operations (-swagger.json +server):\n%s", d)
		}
		checkEligible(t, c, ops)
		askForEach(t, c, catalog, ops)
	})
}

// kubernetesOwn leaves out custom resources, which other tests may have made, and whose documents come and go.
func kubernetesOwn(catalog *operation.Catalog) []operation.Operation {
	return slices.DeleteFunc(catalog.Operations(), func(op operation.Operation) bool {
		group, _, _ := strings.Cut(strings.TrimPrefix(op.Path, "/apis/"), "/")
		return strings.HasPrefix(op.Path, "/apis/") && strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io")
	})
}

func compareWithV2(t *testing.T, c *clustertest.Cluster, v3 []operation.Operation) {
	t.Helper()
	if d := cmp.Diff(kubernetesOwn(servedInV2(t, c)), v3); d != "" {
		t.Errorf("operations (-OpenAPI version 2 +version 3):\n%s", d)
	}
}

// compareWithRepository says that a server's operations are those of swagger.json, but for alpha and beta APIs, groups that
// have nothing else, and logs, none of which are on unless asked for.
func compareWithRepository(t *testing.T, served []operation.Operation) {
	t.Helper()
	all := repositorys(t).Operations()
	want := slices.DeleteFunc(slices.Clone(all), func(op operation.Operation) bool { return offUnlessAsked(op, all) })
	if d := cmp.Diff(want, served); d != "" {
		t.Errorf("operations (-swagger.json +server):\n%s", d)
	}
	t.Logf("%d operations, %d of swagger.json are off", len(served), len(all)-len(want))
}

func offUnlessAsked(op operation.Operation, all []operation.Operation) bool {
	if op.Level != operation.Stable || strings.HasPrefix(op.Path, "/logs/") {
		return true
	}
	isGroup := strings.HasPrefix(op.Path, "/apis/") && strings.Count(op.Path, "/") == 3 // "/apis/apps/"
	return isGroup && !slices.ContainsFunc(all, func(other operation.Operation) bool {
		return other.Level == operation.Stable && other.Path != op.Path && strings.HasPrefix(other.Path, op.Path)
	})
}
