package acceptance

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"e2etap/internal/clustertest"
)

const (
	goawayPosts   = 9600
	goawayClients = 16
)

// TestGoaway creates objects through an API server that closes connections at random, as EKS has it
// (--goaway-chance; 2 % is its limit). A POST that was lost fails; one that was sent twice finds its object there.
func TestGoaway(t *testing.T) {
	cluster := clustertest.StartOwn(t, "--goaway-chance=0.02")
	db := filepath.Join(t.TempDir(), "e2e.db")
	cfg := load(t, serve(t, cluster.Kubeconfig, "server", db))
	cfg.QPS = -1
	client := kubernetes.NewForConfigOrDie(cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for worker := range goawayClients {
		wg.Go(func() {
			for i := range goawayPosts / goawayClients {
				cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("goaway-%d-%d", worker, i)}}
				if _, err := client.CoreV1().ConfigMaps("default").Create(ctx, cm, metav1.CreateOptions{}); err != nil {
					t.Errorf("POST %d of worker %d: %v", i, worker, err)
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	list, err := client.CoreV1().ConfigMaps("default").List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, cm := range list.Items {
		if strings.HasPrefix(cm.Name, "goaway-") {
			made++
		}
	}
	if made != goawayPosts {
		t.Errorf("%d POSTs made %d objects", goawayPosts, made)
	}
}
