package plane

import (
	"context"
	"errors"
	"fmt"
	"net"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"e2etap/test/cluster/internal/process"
)

// configure reserves the ports and writes the certificates and configuration files.
func (p *Plane) configure() (err error) {
	if p.apiPort, err = reservePort(); err != nil {
		return err
	}
	if p.kubeletPort, err = reservePort(); err != nil {
		return err
	}
	p.info.Server = "https://" + net.JoinHostPort(loopback.String(), p.apiPort.String())
	if p.credentials, err = newCredentials(p.info.Dir, p.info.Server); err != nil {
		return err
	}
	p.info.Kubeconfig, p.info.CAFile = p.credentials.admin, p.credentials.ca.Cert
	return p.writeFiles()
}

// run starts a process and ends the plane's life when it ends.
func (p *Plane) run(command process.Command) error {
	child, err := p.spawner.Run(command)
	if err != nil {
		return err
	}
	p.children = append(p.children, child)
	p.waiting.Go(func() {
		<-child.Done()
		p.fail(child.Err())
	})
	return nil
}

// startAPI starts etcd and kube-apiserver, which waits for etcd by itself, and returns the administrator's client.
func (p *Plane) startAPI(ctx context.Context, flags []string) (kubernetes.Interface, error) {
	if err := errors.Join(p.run(p.etcd()), p.run(p.apiserver(flags))); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", p.info.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.UserAgent = "e2etap-cluster"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	return client, poll(ctx, func() error {
		_, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err
	})
}

func (p *Plane) startControllers(ctx context.Context) error {
	err := errors.Join(p.run(p.controllerManager()), p.run(p.scheduler()), p.run(p.kwok()), p.tick())
	if err != nil {
		return err
	}
	kubelet := net.JoinHostPort(loopback.String(), p.kubeletPort.String())
	return poll(ctx, func() error { return listening(ctx, kubelet) })
}

func (p *Plane) startNodes(ctx context.Context, client kubernetes.Interface) error {
	if err := createNodes(ctx, client, p.info.Version); err != nil {
		return err
	}
	return poll(ctx, func() error { return nodesReady(ctx, client, p.kubeletPort.number) })
}

// serviceAccountExists waits for the controllers to give namespace "default" its service account, which every pod needs.
func serviceAccountExists(ctx context.Context, client kubernetes.Interface) error {
	return poll(ctx, func() error {
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}
