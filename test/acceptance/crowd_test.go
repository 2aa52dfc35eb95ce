package acceptance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"e2etap/internal/clustertest"
)

// A crowd is many workers at once, each of which runs specs one after another and starts kubectl all the time.
const (
	crowdWorkers = 25
	crowdSpecs   = 3 // of each worker
	crowdCalls   = 5 // of kubectl in each spec
	crowdPause   = 100 * time.Millisecond

	crowdEnv = "E2ETAP_TEST_CROWD" // in the environment of this test's own binary: be the crowd, with this kubectl
	nodeEnv  = "E2ETAP_TEST_CROWD_WORKER"
)

// crowdMain is what this test's binary does when it is part of a crowd, and whether it is.
func crowdMain() bool {
	kubectl := os.Getenv(crowdEnv)
	if kubectl == "" {
		return false
	}
	var err error
	if node := os.Getenv(nodeEnv); node != "" {
		err = crowdWorker(kubectl, node)
	} else {
		err = crowdRoot()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func crowdRoot() error {
	var workers []*exec.Cmd
	for i := range crowdWorkers {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), nodeEnv+"="+strconv.Itoa(i))
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			return err
		}
		workers = append(workers, cmd)
	}
	for _, cmd := range workers {
		if err := cmd.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// crowdWorker names each spec in its own requests, and in the names of what its kubectls ask for. It does not wait for a
// spec's last kubectls before the next spec begins.
func crowdWorker(kubectl, node string) error {
	var calls sync.WaitGroup
	defer calls.Wait()
	for spec := range crowdSpecs {
		name := node + "-" + strconv.Itoa(spec)
		if err := ask(name); err != nil {
			return err
		}
		for call := range crowdCalls {
			time.Sleep(crowdPause) // the load, not something to wait for
			cmd := exec.Command(kubectl, "get", "--raw", fmt.Sprintf("/api/v1/namespaces/default/configmaps/%s.%d", name, call))
			said := new(strings.Builder)
			cmd.Stdout, cmd.Stderr = said, said
			if err := cmd.Start(); err != nil {
				return err
			}
			calls.Go(func() {
				err := cmd.Wait()
				if !strings.Contains(said.String(), "NotFound") { // there is no such object
					fmt.Printf("%s.%d at %s: %v: %s\n", name, call, time.Now().UTC().Format(time.RFC3339Nano), err, said)
				}
			})
		}
		if err := ask(name); err != nil {
			return err
		}
	}
	return nil
}

// ask sends a request that names a test as the e2e framework does it.
func ask(test string) error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.UserAgent = "crowd/v1 -- " + test
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	_, err = clients.CoreV1().ConfigMaps("default").List(context.Background(), metav1.ListOptions{Limit: 1})
	return err
}

// TestACrowdOfKubectlsFindsItsSpecs: none is wrong, and at most 0.5 % are unknown.
func TestACrowdOfKubectlsFindsItsSpecs(t *testing.T) {
	cluster := clustertest.Start(t)
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(t.TempDir(), "e2e.db")
	failed, err := proxied(t, cluster, "server", db, "env", crowdEnv+"="+cluster.Kubectl(), self)
	if err != nil {
		t.Fatal(err)
	}
	if failed != "" {
		t.Errorf("kubectls that were not told that there is no such object:\n%s", failed)
	}
	right, unknown := 0, 0
	for _, r := range rows(t, cluster, db, "server") {
		if !strings.HasPrefix(r.UserAgent, "kubectl/") {
			continue
		}
		want, _, _ := strings.Cut(r.Name, ".")
		switch r.Test {
		case want:
			right++
		case "":
			unknown++
			t.Logf("unknown: a request of spec %s: %s", want, r.Why)
		default:
			t.Errorf("a request of spec %s has test %q from %s", want, r.Test, r.Source)
		}
	}
	t.Logf("%d kubectls: %d right, %d unknown", right+unknown, right, unknown)
	if all := crowdWorkers * crowdSpecs * crowdCalls; right+unknown != all || unknown*200 > all {
		t.Errorf("%d requests of kubectl, of which %d are unknown; want %d and at most 0.5 %%", right+unknown, unknown, all)
	}
}
