// Package apirequest reads what an HTTP request asks of a Kubernetes API server. The reading is the apiserver's own
// (k8s.io/apiserver, RequestInfoFactory), so that a verb or resource here is the one that its audit log writes.
//
// It looks at method, path and query only: no bodies, no discovery, no operation IDs.
package apirequest

import (
	"net/http"
	"net/url"
	"strconv"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"

	"e2etap/internal/traffic"
)

// the prefixes that kube-apiserver itself configures (k8s.io/apiserver/pkg/server, NewRequestInfoResolver)
var factory = &request.RequestInfoFactory{
	APIPrefixes:          sets.NewString("api", "apis"),
	GrouplessAPIPrefixes: sets.NewString("api"),
}

// Parse tells what a request with this method, path (unescaped, below the server's base path) and raw query asks for.
// A path or query that the apiserver could not read gives the HTTP method in lower case as its verb, as the apiserver
// itself does for what is not a resource.
func Parse(method, path, rawQuery string) (traffic.API, traffic.Query) {
	req := &http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: rawQuery}}
	info, err := factory.NewRequestInfo(req)
	if err != nil || !info.IsResourceRequest || info.Resource == "" { // "/api/v1//a" is read as an object of no resource
		return traffic.API{Verb: info.Verb}, traffic.Query{}
	}
	api := traffic.API{
		Verb:        info.Verb,
		Group:       info.APIGroup,
		Version:     info.APIVersion,
		Resource:    info.Resource,
		Subresource: info.Subresource,
		Namespace:   info.Namespace,
		Name:        info.Name,
	}
	return api, query(api, rawQuery)
}

// query keeps what changes the meaning of a request. Parameters of requests to a proxy subresource are not the
// apiserver's and are left out.
func query(api traffic.API, raw string) traffic.Query {
	if raw == "" || api.Verb == "proxy" || api.Subresource == "proxy" {
		return traffic.Query{}
	}
	values, _ := url.ParseQuery(raw) // what it cannot read the apiserver does not read either
	limit, _ := strconv.ParseInt(values.Get("limit"), 10, 64)
	return traffic.Query{
		Watch:         api.Verb == "watch",
		DryRun:        values.Get("dryRun"),
		FieldManager:  values.Get("fieldManager"),
		Limit:         limit,
		LabelSelector: values.Get("labelSelector"),
		FieldSelector: values.Get("fieldSelector"),
	}
}
