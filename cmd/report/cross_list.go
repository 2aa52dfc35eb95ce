package main

import (
	"strings"

	"e2etap/internal/crosscheck"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

var crossListColumns = []render.Column{
	{Name: "run"},
	{Name: "cell"},
	{Name: "kinds"},
	{Name: "time", Title: "TIME", Kind: render.Time},
	{Name: "id", Kind: render.Count},
	{Name: "audit_id"},
	{Name: "verb", Title: "VERB"},
	{Name: "resource", Title: "RESOURCE", Empty: "(none)"},
	{Name: "namespace", Title: "NAMESPACE", Empty: "-"},
	{Name: "name", Title: "NAME", Empty: "-"},
	{Name: "path"},
	{Name: "status", Title: "STATUS", Kind: render.Count},
	{Name: "user_agent", Title: "USER AGENT", Empty: "-"},
	{Name: "user", Title: "USER", Empty: "-"},
	{Name: "source", Title: "SOURCE", Empty: "-"},
	{Name: "differences", Title: "DIFFERENCES", Empty: "-"},
}

// crossListRow tells of a request what the recording says, or the log if that is all.
func crossListRow(run string, f *crosscheck.Finding) []any {
	row := []any{run, string(f.Cell), strings.Join(f.Kinds, ",")}
	if q := f.Request; q != nil {
		row = append(row, q.Start, q.ID, q.AuditID)
		row = append(row, askedFor(&q.API, q.Path, q.Status, q.Client.UserAgent)...)
	} else {
		row = append(row, f.Audit.Received, nil, f.Audit.ID)
		row = append(row, askedFor(&f.Audit.API, f.Audit.Path, f.Audit.Status, f.Audit.UserAgent)...)
	}
	user := ""
	if f.Audit != nil {
		user = f.Audit.User
	}
	return append(row, user, auditSource(f), strings.Join(f.Texts, "; "))
}

func askedFor(api *traffic.API, path string, status int, userAgent string) []any {
	resource := strings.TrimSuffix(api.Resource+"/"+api.Subresource, "/")
	return []any{api.Verb, resource, api.Namespace, api.Name, path, int64(status), userAgent}
}

// auditSource is the address that the log names; "" if it names none.
func auditSource(f *crosscheck.Finding) string {
	if f.Audit == nil || len(f.Audit.SourceIPs) == 0 {
		return ""
	}
	return f.Audit.SourceIPs[0]
}
