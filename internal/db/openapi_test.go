package db

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// operationsOf reads the document of each run.
func operationsOf(t *testing.T, path string, runs ...int64) (documents []string) {
	t.Helper()
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, run := range runs {
		document, err := r.Operations(run)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(document))
	}
	return documents
}

func setOperations(t *testing.T, r *Recorder, documents ...string) {
	t.Helper()
	for _, document := range documents {
		if err := r.SetOperations([]byte(document)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOperationsOfARunComeBack(t *testing.T) {
	path := dbPath(t)
	for _, documents := range [][]string{{"one"}, {}, {"two", "three"}} {
		r := createFor(t, path)
		setOperations(t, r, documents...)
		closeRecorder(t, r)
	}
	if d := cmp.Diff([]string{"one", "", "three"}, operationsOf(t, path, 1, 2, 3)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if got := ask(t, path, `SELECT count(*) FROM openapi`); got[0] != "2" {
		t.Errorf("%s documents, want 2: nobody refers to the replaced one", got)
	}
}

func TestRunsShareADocument(t *testing.T) {
	path := dbPath(t)
	for range 2 {
		r := createFor(t, path)
		setOperations(t, r, "the same")
		closeRecorder(t, r)
	}
	if d := cmp.Diff([]string{"the same", "the same"}, operationsOf(t, path, 1, 2)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if got := ask(t, path, `SELECT count(*) FROM openapi`); got[0] != "1" {
		t.Errorf("%s documents, want one", got)
	}
}

func TestOperationsSurviveTheRecordersDeath(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	setOperations(t, r, "document")
	die(t, r)
	if d := cmp.Diff([]string{"document"}, operationsOf(t, path, 1)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestAnEditorReplacesOneRunsOperations(t *testing.T) {
	path := dbPath(t)
	for range 2 {
		r := createFor(t, path)
		setOperations(t, r, "the same")
		closeRecorder(t, r)
	}
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetOperations(2, []byte("another")); err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"the same", "another"}, operationsOf(t, path, 1, 2)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}
