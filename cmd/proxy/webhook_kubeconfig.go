package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"e2etap/internal/cli"
)

// webhookContext is the name of everything in an audit webhook's kubeconfig.
const webhookContext = "e2etap-audit-webhook"

// checkWebhookKubeconfig refuses to overwrite what is not an earlier audit webhook's kubeconfig.
func checkWebhookKubeconfig(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	before, err := clientcmd.LoadFromFile(path)
	if err == nil && before.CurrentContext == webhookContext {
		return nil
	}
	return cli.UsageError(fmt.Errorf("--kubeconfig-out %s: it is there, and \"proxy audit-webhook\" did not write it; want a new file", path))
}

// writeWebhookKubeconfig writes the kubeconfig by which an API server finds the webhook, for the user only, and whole at once.
func writeWebhookKubeconfig(path, server, token string, ca []byte) error {
	config := clientcmdapi.NewConfig()
	config.Clusters[webhookContext] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: ca}
	config.AuthInfos[webhookContext] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts[webhookContext] = &clientcmdapi.Context{Cluster: webhookContext, AuthInfo: webhookContext}
	config.CurrentContext = webhookContext
	data, err := clientcmd.Write(*config)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
