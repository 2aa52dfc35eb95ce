package main

import (
	"context"
	"fmt"

	"k8s.io/client-go/discovery"

	"e2etap/internal/gateway"
	"e2etap/internal/operation"
	"e2etap/internal/operation/live"
	"e2etap/internal/operation/server"
	"e2etap/internal/upstream"
)

// operationsOf asks the API server of the context in use for its operations, with the credentials of the kubeconfig's user.
func operationsOf(config *upstream.Config) (live.Source, error) {
	cfg, err := config.Current().RESTConfig(config.CurrentUser())
	if err != nil {
		return live.Source{}, err
	}
	cfg.UserAgent = gateway.UserAgent
	client, err := discovery.NewDiscoveryClientForConfig(cfg)
	if err != nil {
		return live.Source{}, fmt.Errorf("kubeconfig: %w", err)
	}
	return live.Source{
		All: func(ctx context.Context) ([]operation.Operation, error) { return server.FromServer(ctx, client) },
		Of: func(ctx context.Context, group, version string) ([]operation.Operation, error) {
			return server.FromGroupVersion(ctx, client, group, version)
		},
	}, nil
}

// closeOperations records what operations there were. It warns of what the API server did not tell.
func (p *proxied) closeOperations() {
	defer announce(p.stderr, "asking the API server for its operations")()
	if err := p.ledger.operations.Close(); err != nil {
		fmt.Fprintf(p.stderr, "e2etap: warning: API server %s does not tell all of its operations: %v\n"+
			"e2etap: \"report coverage\" lacks them; \"report import-openapi\" can give the run others\n", p.server, err)
	}
}
