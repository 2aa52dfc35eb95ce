//go:build !race

package gateway

const slow = 1
