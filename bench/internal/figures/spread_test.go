package figures

import "testing"

func TestSpread(t *testing.T) {
	if got, want := NewSpread([]float64{3, 1, 2}).Format(1), "2.0 (1.0–3.0)"; got != want {
		t.Errorf("odd: %s, want %s", got, want)
	}
	if got, want := NewSpread([]float64{4, 1, 2, 3}).Format(2), "2.50 (1.00–4.00)"; got != want {
		t.Errorf("even: %s, want %s", got, want)
	}
}
