package operation

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncodedOperationsComeBack(t *testing.T) {
	want := swagger(t).Operations()
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v, operations (-encoded +decoded):\n%s", err, d)
	}
	if perOperation := len(data) / len(want); perOperation > 25 {
		t.Errorf("%d bytes for each of %d operations, want 25 at most", perOperation, len(want))
	}
}

// Recordings share a document by its bytes.
func TestEqualOperationsAreEncodedAlikeInAnyOrder(t *testing.T) {
	ops := swagger(t).Operations()
	one, err1 := Encode(ops)
	slices.Reverse(ops)
	other, err2 := Encode(append(ops, ops[0]))
	if err1 != nil || err2 != nil || !bytes.Equal(one, other) {
		t.Errorf("%v, %v, or the bytes differ", err1, err2)
	}
}

// FuzzDecode keeps that nothing that a file may hold makes Decode panic, and that what it accepts can be encoded again.
func FuzzDecode(f *testing.F) {
	whole, err := Encode([]Operation{{ID: "getCodeVersion", Method: "GET", Path: "/version/"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-9])
	f.Add([]byte("[]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		ops, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(ops)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(again)
		if d := cmp.Diff(NewCatalog(ops).Operations(), back); err != nil || d != "" && len(ops) > 0 {
			t.Errorf("%v, operations (-accepted +back):\n%s", err, d)
		}
	})
}

func TestDecodeRefusesWhatIsNotEncoded(t *testing.T) {
	whole, err := Encode(swagger(t).Operations())
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"empty": nil, "JSON": []byte("[]"), "cut": whole[:len(whole)/2]} {
		if ops, err := Decode(data); err == nil {
			t.Errorf("%s: got %d operations, want an error", name, len(ops))
		}
	}
}

func TestDecodeRefusesWhatIsTooLong(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range maxDecoded>>20 + 1 {
		if _, err := z.Write(blanks); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(b.Bytes()); err == nil || !strings.Contains(err.Error(), "more than 100 MiB") {
		t.Errorf("%v, want that it is too long", err)
	}
}
