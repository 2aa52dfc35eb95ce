package operation

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// document is what is wanted of an OpenAPI document of version 2 or 3; both write operations alike.
type document struct {
	Swagger string              `json:"swagger"`
	OpenAPI string              `json:"openapi"`
	Paths   map[string]pathItem `json:"paths"`
}

type pathItem struct {
	Get     *documented `json:"get"`
	Put     *documented `json:"put"`
	Post    *documented `json:"post"`
	Delete  *documented `json:"delete"`
	Options *documented `json:"options"`
	Head    *documented `json:"head"`
	Patch   *documented `json:"patch"`
}

type documented struct {
	ID          string `json:"operationId"`
	Description string `json:"description"`
	Deprecated  bool   `json:"deprecated"`
	Action      string `json:"x-kubernetes-action"`
	GVK         *struct {
		Group   string `json:"group"`
		Version string `json:"version"`
		Kind    string `json:"kind"`
	} `json:"x-kubernetes-group-version-kind"`
}

// Read reads an OpenAPI document in JSON: version 2 (swagger.json, /openapi/v2) or version 3 (/openapi/v3/apis/apps/v1).
// The operations come in no order; those without an operationId are left out. Name is the document's, for errors.
func Read(r io.Reader, name string) ([]Operation, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read OpenAPI document %s: %w", name, err)
	}
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("parse OpenAPI document %s: %w", name, err)
	}
	if doc.Swagger != "2.0" && !strings.HasPrefix(doc.OpenAPI, "3.") {
		return nil, fmt.Errorf("OpenAPI document %s: swagger %.20q, openapi %.20q, want 2.0 or 3.x", name, doc.Swagger, doc.OpenAPI)
	}
	var ops []Operation
	for path, item := range doc.Paths {
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("OpenAPI document %s: path %.100q does not begin with a slash", name, path)
		}
		ops = item.appendTo(ops, path)
	}
	return ops, nil
}

func (p *pathItem) appendTo(ops []Operation, path string) []Operation {
	for _, m := range [...]struct {
		method string
		*documented
	}{
		{methodGet, p.Get}, {methodPut, p.Put}, {methodPost, p.Post}, {methodDelete, p.Delete},
		{methodOptions, p.Options}, {methodHead, p.Head}, {methodPatch, p.Patch},
	} {
		if m.documented != nil && m.ID != "" {
			ops = append(ops, m.operation(m.method, path))
		}
	}
	return ops
}

func (d *documented) operation(method, path string) Operation {
	op := Operation{ID: d.ID, Method: method, Path: path, Action: d.Action}
	group, version, _ := splitTemplate(path)
	op.Level = levelOf(version)
	op.Group, op.Version = group, version
	if d.GVK != nil {
		op.Group, op.Version, op.Kind = d.GVK.Group, d.GVK.Version, d.GVK.Kind
	}
	op.Deprecated = d.Deprecated || saysDeprecated(d.Description)
	return op
}

// saysDeprecated tells whether a description is of something deprecated. Kubernetes does not set the flag of its legacy
// watch paths but writes "watch changes to an object of kind Pod. deprecated: use the 'watch' parameter …"
// (k8s.io/apiserver, pkg/endpoints/installer.go).
func saysDeprecated(description string) bool {
	d := strings.ToLower(description)
	return strings.HasPrefix(d, "deprecated") || strings.Contains(d, ". deprecated:")
}
