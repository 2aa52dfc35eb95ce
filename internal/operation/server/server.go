// Package server fetches the OpenAPI documents of an API server, with client-go, and reads their operations. What the
// operations mean is the business of the package operation above it; nothing is cached.
package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/openapi"
	"k8s.io/client-go/rest"

	"e2etap/internal/operation"
)

const (
	atOnce   = 4 // documents on their way: there are some fifty, and the server is in use
	mimeJSON = "application/json"
)

// Missing is the error of documents that could not be had, each of which it names. The operations of the other documents
// are returned beside it.
type Missing struct{ Documents []error }

// Error returns the documents' errors, one a line.
func (m *Missing) Error() string { return errors.Join(m.Documents...).Error() }

// Unwrap returns the documents' errors.
func (m *Missing) Unwrap() []error { return m.Documents }

// FromServer returns the operations that an API server documents: of every document of /openapi/v3, one for each group
// version, those of custom resources and aggregated API servers among them; or of /openapi/v2, where the server has no
// version 3 (Kubernetes before v1.24, KEP-2896). The context bounds it all.
//
// Where documents fail and others do not, as when an aggregated API server is down, the error is a *Missing, and the
// operations are those of the others.
func FromServer(ctx context.Context, c discovery.DiscoveryInterface) ([]operation.Operation, error) {
	client := c.RESTClient()
	documents, err := openapi.NewClientWithContext(client).PathsWithContext(ctx)
	if err == nil {
		return fromV3(ctx, documents)
	}
	ops, errV2 := fromV2(ctx, client)
	if errV2 != nil {
		return nil, fmt.Errorf("fetch index of OpenAPI documents /openapi/v3: %w; and instead of it: %w", err, errV2)
	}
	return ops, nil
}

func fromV3(ctx context.Context, documents map[string]openapi.GroupVersionWithContext) ([]operation.Operation, error) {
	names := slices.Sorted(maps.Keys(documents))
	read := make([][]operation.Operation, len(names))
	errs := make([]error, len(names))
	tickets := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			tickets <- struct{}{}
			defer func() { <-tickets }()
			read[i], errs[i] = fromDocument(ctx, "/openapi/v3/"+name, documents[name])
		})
	}
	wg.Wait()
	ops := slices.Concat(read...)
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch {
	case len(errs) == 0:
		return ops, nil
	case len(errs) == len(names):
		return nil, errors.Join(errs...)
	}
	return ops, &Missing{errs}
}

// FromGroupVersion returns the operations that an API server documents of one group version, "apps" and "v1"; the group ""
// is the core group. It needs version 3 of OpenAPI. A group version that the server does not document, or not yet, is an
// error.
func FromGroupVersion(ctx context.Context, c discovery.DiscoveryInterface, group, version string) ([]operation.Operation, error) {
	name := "/openapi/v3/apis/" + group + "/" + version
	if group == "" {
		name = "/openapi/v3/api/" + version
	}
	data, err := c.RESTClient().Get().AbsPath(name).SetHeader("Accept", mimeJSON).Do(ctx).Raw()
	if err != nil {
		return nil, fmt.Errorf("fetch OpenAPI document %s: %w", name, err)
	}
	return operation.Read(bytes.NewReader(data), name)
}

func fromDocument(ctx context.Context, name string, d openapi.GroupVersionWithContext) ([]operation.Operation, error) {
	data, err := d.SchemaWithContext(ctx, mimeJSON)
	if err != nil {
		return nil, fmt.Errorf("fetch OpenAPI document %s: %w", name, err)
	}
	return operation.Read(bytes.NewReader(data), name)
}

func fromV2(ctx context.Context, client rest.Interface) ([]operation.Operation, error) {
	const name = "/openapi/v2"
	data, err := client.Get().AbsPath(name).SetHeader("Accept", mimeJSON).Do(ctx).Raw()
	if err != nil {
		return nil, fmt.Errorf("fetch OpenAPI document %s: %w", name, err)
	}
	return operation.Read(bytes.NewReader(data), name)
}
