package render

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// writeJSON writes an array of flat objects, one a line, with their fields in the order of the columns.
func writeJSON(w io.Writer, t Table) error {
	out := bufio.NewWriter(w)
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	between, end := "[", "[]\n"
	for row, err := range t.Rows {
		if err != nil {
			return err
		}
		line.Reset()
		for i, c := range t.Columns {
			if c.Name == "" {
				continue
			}
			fmt.Fprintf(&line, ",%q:", c.Name)
			if err := enc.Encode(machineValue(row[i])); err != nil {
				return fmt.Errorf("column %s: %w", c.Name, err)
			}
			line.Truncate(line.Len() - 1) // Encode's newline
		}
		fmt.Fprintf(out, "%s\n{%s}", between, line.Bytes()[1:])
		between, end = ",", "\n]\n"
	}
	out.WriteString(end)
	return out.Flush()
}

func machineValue(v any) any {
	switch v := v.(type) {
	case time.Duration:
		return number(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return v
}

// writeCSV writes a line of names, then the rows. No value is an empty field.
func writeCSV(w io.Writer, t Table) error {
	out := csv.NewWriter(w)
	var fields []string
	for _, c := range t.Columns {
		if c.Name != "" {
			fields = append(fields, c.Name)
		}
	}
	if err := out.Write(fields); err != nil {
		return err
	}
	for row, err := range t.Rows {
		if err != nil {
			return err
		}
		fields = fields[:0]
		for i, v := range row {
			if t.Columns[i].Name != "" {
				fields = append(fields, csvValue(v))
			}
		}
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvValue(v any) string {
	switch v := machineValue(v).(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}
