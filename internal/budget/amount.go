package budget

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bytes is a number of bytes: 1048576, 1Mi, 1.5Gi or 10M in a file.
type Bytes int64

var units = []struct {
	suffix string
	bytes  float64
}{{"Ti", 1 << 40}, {"Gi", 1 << 30}, {"Mi", 1 << 20}, {"Ki", 1 << 10}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}}

// UnmarshalJSON reads it.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	text := textOf(data)
	number, unit := text, 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(text, u.suffix); ok {
			number, unit = rest, u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if n *= unit; err != nil || !(n >= 0 && n < 1<<62) || n != math.Trunc(n) {
		return fmt.Errorf("%s: want a number of bytes, such as 100Mi", text)
	}
	*b = Bytes(n)
	return nil
}

// String writes it with the largest binary unit, to two digits; exactly, if that would look like another number.
func (b Bytes) String() string {
	for _, u := range units[:4] {
		if n := float64(b) / u.bytes; n >= 1 {
			text := strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(n, 'f', 2, 64), "0"), ".")
			if n == math.Trunc(n) || strings.Contains(text, ".") {
				return text + u.suffix
			}
			break
		}
	}
	return itoa(int64(b))
}

// exact writes it with the largest binary unit that leaves nothing out.
func (b Bytes) exact() string {
	for _, u := range units[:4] {
		if unit := Bytes(u.bytes); b >= unit && b%unit == 0 {
			return itoa(int64(b/unit)) + u.suffix
		}
	}
	return itoa(int64(b))
}

// Time is a duration: 1.5s or 200ms in a file.
type Time time.Duration

// UnmarshalJSON reads it.
func (t *Time) UnmarshalJSON(data []byte) error {
	d, err := time.ParseDuration(textOf(data))
	if err != nil || d < 0 {
		return fmt.Errorf("%s: want a duration, such as 2s", textOf(data))
	}
	*t = Time(d)
	return nil
}

// textOf is a JSON string's value, or another value as it is written.
func textOf(data []byte) string {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return string(data)
	}
	return s
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
