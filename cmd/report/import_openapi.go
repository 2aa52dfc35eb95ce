package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"e2etap/internal/cli"
	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/render"
)

const importOpenAPILong = `import-openapi gives a run the operations of OpenAPI documents, in the place of those that it has, for
"report coverage". "proxy run" and "proxy serve" record those of their API server by themselves.

FILE is a document in JSON: of version 2, as "kubectl get --raw /openapi/v2" fetches it and as
Kubernetes' repository has it (api/openapi-spec/swagger.json), or of version 3, of which there is one
for each group version (api/openapi-spec/v3/*.json); pass them all together. If one of the files
cannot be read, nothing changes.

  file         that was read
  operations   in it, each of which has a method, a path and an operationId

Exit codes: 0 done, 1 failure, 2 wrong usage.`

const importOpenAPIExamples = `  kubectl get --raw /openapi/v2 > swagger.json && report import-openapi swagger.json
  report import-openapi --run run-3 api/openapi-spec/v3/*.json`

func newImportOpenAPI(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "import-openapi FILE...", Short: "Give a run the operations of OpenAPI documents", Long: importOpenAPILong,
		Example: importOpenAPIExamples, Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			format, err := o.format()
			if err != nil {
				return cli.UsageError(err)
			}
			ops, rows, err := readDocuments(files)
			if err != nil {
				return err
			}
			e, err := o.edit(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := errors.Join(o.setOperations(e, ops), e.Close()); err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, table(importOpenAPIColumns, rows), "")
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	return cmd
}

var importOpenAPIColumns = []render.Column{
	{Name: "file", Title: "FILE"},
	{Name: "operations", Title: "OPERATIONS", Kind: render.Count},
}

func readDocuments(files []string) (all []operation.Operation, rows [][]any, err error) {
	for _, file := range files {
		ops, err := readDocument(file)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, ops...)
		rows = append(rows, []any{file, int64(len(ops))})
	}
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("no operation is in %q", files)
	}
	return all, rows, nil
}

func readDocument(file string) ([]operation.Operation, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open OpenAPI document: %w", err)
	}
	defer f.Close()
	return operation.Read(f, file)
}

func (o *options) setOperations(e *db.Editor, ops []operation.Operation) error {
	run, err := e.Run(o.run)
	if err != nil {
		return err
	}
	document, err := operation.Encode(ops)
	if err != nil {
		return err
	}
	return e.SetOperations(run.ID, document)
}
