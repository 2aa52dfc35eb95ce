// Package clustertest gives a test a real Kubernetes cluster: the control plane that test/cluster builds, with two fake
// nodes. It finds one that runs already or starts one for the test process. It does not build anything and knows
// nothing of the product.
//
// A package's tests share one cluster; its TestMain stops it when they are done:
//
//	func TestMain(m *testing.M) { clustertest.Main(m) }
//
//	func TestSomething(t *testing.T) {
//		cluster := clustertest.Start(t)
//		kubectl := exec.Command(cluster.Kubectl(), "--kubeconfig", cluster.Kubeconfig, "get", "nodes")
//		…
//	}
//
// To share one cluster between packages and runs, start it by hand:
//
//	eval "$(.cache/cluster/bin/cluster up)"; go test ./...; .cache/cluster/bin/cluster down "$E2ETAP_CLUSTER"
package clustertest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Env names the environment variable that names a running cluster: its folder, or the JSON file in it.
const Env = "E2ETAP_CLUSTER"

// A Cluster is a running cluster. Paths are absolute. The JSON form is that of "cluster up -o json".
type Cluster struct {
	// Dir is the cluster's own folder. It goes away when the cluster is stopped.
	Dir string `json:"dir"`
	// Kubeconfig is the file of an administrator's kubeconfig, with a client certificate.
	Kubeconfig string `json:"kubeconfig"`
	// AuditLog is the file that kube-apiserver appends its audit events to, at level Metadata, one JSON object a line.
	AuditLog string `json:"audit_log"`
	// BinDir is the folder of kubectl, e2e.test, ginkgo and the control plane's binaries.
	BinDir string `json:"bin"`
	// Server is the URL of the apiserver, as in "https://127.0.0.1:43211".
	Server string `json:"server"`
	// CAFile has the certificate of the authority that signed the apiserver's.
	CAFile string `json:"ca_file"`
	// Version is that of Kubernetes, as in "v1.37.2".
	Version string `json:"version"`
}

// shared is the one cluster of this process, and what stops it.
var shared struct {
	sync.Mutex
	cluster *Cluster
	err     error
	stop    func() error
}

// Start returns a running cluster: the one that the variable E2ETAP_CLUSTER names, or else one that the first call starts
// and that ends with this process, whatever ends it. The first call then takes about ten seconds. It skips the test
// under -short, and fails it when the cluster's binaries are not built.
//
// Flags for kube-apiserver, or a cluster that a test may break, need a cluster of the test's own: see StartOwn.
func Start(t testing.TB) *Cluster {
	t.Helper()
	skipIfShort(t)
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil && shared.err == nil {
		shared.cluster, shared.stop, shared.err = findOrStart()
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// StartOwn starts a cluster for this test alone and stops it when the test ends. The flags are added to kube-apiserver's,
// as in "--goaway-chance=0.02".
func StartOwn(t testing.TB, apiServerFlags ...string) *Cluster {
	t.Helper()
	skipIfShort(t)
	cluster, stop, err := start(apiServerFlags)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return cluster
}

func skipIfShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a Kubernetes cluster, which takes ten seconds to start")
	}
}

// Main runs a package's tests, stops the cluster that they may have started, and exits.
func Main(m *testing.M) {
	code := m.Run()
	if err := stopShared(); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		code = max(code, 1)
	}
	os.Exit(code)
}

func stopShared() error {
	shared.Lock()
	defer shared.Unlock()
	if shared.stop == nil {
		return nil
	}
	return shared.stop()
}

// Kubectl is the path of kubectl.
func (c *Cluster) Kubectl() string { return filepath.Join(c.BinDir, "kubectl") }

// E2ETest is the path of the Kubernetes e2e suite.
func (c *Cluster) E2ETest() string { return filepath.Join(c.BinDir, "e2e.test") }

// Ginkgo is the path of ginkgo's command, which runs the suite in parallel.
func (c *Cluster) Ginkgo() string { return filepath.Join(c.BinDir, "ginkgo") }

// RESTConfig returns a client's configuration, the administrator's.
func (c *Cluster) RESTConfig(t testing.TB) *rest.Config {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		t.Fatalf("read kubeconfig of the cluster: %v", err)
	}
	return config
}
