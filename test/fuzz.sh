#!/usr/bin/env bash
# Fuzzes every fuzz test of the module for a time each (default 5s).
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s}
found=0
for file in $(grep -rl --include='*_test.go' '^func Fuzz' cmd internal test bench); do
	for name in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file"); do
		found=$((found + 1))
		echo "fuzz $name in $(dirname "$file")"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "./$(dirname "$file")"
	done
done
if [ "$found" -eq 0 ]; then
	echo "fuzz: no fuzz test found" >&2
	exit 1
fi
