package operation

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
)

// packed is the stored form of an operation. Recordings have it: its names must not change.
type packed struct {
	ID         string `json:"id"`
	Method     string `json:"method"`
	Path       string `json:"path"`
	Group      string `json:"group,omitempty"`
	Version    string `json:"version,omitempty"`
	Kind       string `json:"kind,omitempty"`
	Action     string `json:"action,omitempty"`
	Level      Level  `json:"level,omitempty"` // 1: beta, 2: alpha
	Deprecated bool   `json:"deprecated,omitempty"`
}

// maxDecoded bounds what Decode unpacks: some 400,000 operations, where Kubernetes v1.37 has 1,202.
const maxDecoded = 100 << 20

// Encode packs operations, whatever their order, so that equal ones become equal bytes: JSON in gzip. The 1,202 of
// Kubernetes v1.37.2 take 14 kB.
func Encode(operations []Operation) ([]byte, error) {
	sorted := NewCatalog(operations).ops
	list := make([]packed, len(sorted))
	for i, op := range sorted {
		list[i] = packed(op)
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(z).Encode(list); err != nil {
		return nil, fmt.Errorf("encode operations: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("encode operations: %w", err)
	}
	return b.Bytes(), nil
}

// Decode reads what Encode packed. The operations are sorted by path, then method.
func Decode(data []byte) ([]Operation, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode operations: %w", err)
	}
	unpacked, err := io.ReadAll(io.LimitReader(z, maxDecoded+1))
	if err != nil {
		return nil, fmt.Errorf("decode operations: %w", err)
	}
	if len(unpacked) > maxDecoded {
		return nil, fmt.Errorf("decode operations: more than %d MiB", maxDecoded>>20)
	}
	var list []packed
	if err := json.Unmarshal(unpacked, &list); err != nil {
		return nil, fmt.Errorf("decode operations: %w", err)
	}
	ops := make([]Operation, len(list))
	for i, p := range list {
		ops[i] = Operation(p)
	}
	return ops, nil
}
