// Package e2etap holds the files of the repository's root that its commands carry with them.
package e2etap

import _ "embed"

// KubeconfigTemplate is kubeconfig-template.yaml, a text/template over upstream.Kubeconfig.
//
//go:embed kubeconfig-template.yaml
var KubeconfigTemplate string
