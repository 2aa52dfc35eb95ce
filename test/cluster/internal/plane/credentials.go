package plane

import (
	"fmt"
	"net"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"e2etap/test/cluster/internal/pki"
)

// credentials name the files by which the parts of one cluster know each other.
type credentials struct {
	ca, frontProxyCA                pki.Pair
	apiserver, kubelet              pki.Pair
	kubeletClient, frontProxyClient pki.Pair
	serviceAccounts                 pki.Pair

	// The kubeconfigs, one for each client of the apiserver, so that the audit log tells them apart.
	admin, controllerManager, scheduler, kwok string
}

// newCredentials makes the certificates that kubeadm would make, and kubeconfigs for the apiserver at the URL server.
func newCredentials(dir, server string) (*credentials, error) {
	folder := pki.NewFolder(filepath.Join(dir, "pki"))
	ca, frontProxyCA := folder.Authority("ca"), folder.Authority("front-proxy-ca")
	c := &credentials{
		ca:               ca.Pair,
		frontProxyCA:     frontProxyCA.Pair,
		apiserver:        ca.Server("apiserver", apiserverNames, loopback, serviceIP),
		kubelet:          ca.Server("kubelet", nodeNames, loopback),
		kubeletClient:    ca.Client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
		frontProxyClient: frontProxyCA.Client("front-proxy-client", frontProxyUser),
		serviceAccounts:  folder.KeyPair("sa"),
	}
	clients := []struct {
		path   *string
		user   string
		groups []string
	}{
		{&c.admin, "kubernetes-admin", []string{"system:masters"}},
		{&c.controllerManager, "system:kube-controller-manager", nil},
		{&c.scheduler, "system:kube-scheduler", nil},
		{&c.kwok, "kwok", []string{"system:masters"}},
	}
	for _, client := range clients {
		pair := ca.Client(client.user, client.user, client.groups...)
		*client.path = filepath.Join(dir, "pki", client.user+".kubeconfig")
		if err := folder.Err(); err != nil {
			return nil, fmt.Errorf("make certificates: %w", err)
		}
		if err := writeKubeconfig(*client.path, server, ca.Cert, client.user, pair); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// writeKubeconfig writes a kubeconfig that has everything in it, as kubeadm's and kind's have: it may be copied away.
func writeKubeconfig(path, server, caFile, user string, pair pki.Pair) error {
	config := api.NewConfig()
	config.Clusters["e2etap"] = &api.Cluster{Server: server, CertificateAuthority: caFile}
	config.AuthInfos[user] = &api.AuthInfo{ClientCertificate: pair.Cert, ClientKey: pair.Key}
	config.Contexts["e2etap"] = &api.Context{Cluster: "e2etap", AuthInfo: user}
	config.CurrentContext = "e2etap"
	if err := api.FlattenConfig(config); err != nil {
		return fmt.Errorf("read certificates of kubeconfig %s: %w", path, err)
	}
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return fmt.Errorf("write kubeconfig: %w", err)
	}
	return nil
}

// loopback is the one address that everything listens at.
var loopback = net.IPv4(127, 0, 0, 1)
