//go:build race

package gateway

// slow is what the race detector makes of a busy test.
const slow = 5
