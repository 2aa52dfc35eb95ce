#!/usr/bin/env bash
# Checks that the browser view in internal/web/dist is what its sources in ui build to, and its own tests. Without npm, what it
# installs, or a browser, something is not checked: that is said so that nobody takes it for passed.
set -euo pipefail
cd "$(dirname "$0")/../ui"

skipped() {
	printf '\n*** SKIPPED: %s\n*** %s\n\n' "$1" "$2" >&2
}

if ! command -v npm >/dev/null; then
	skipped "the browser view is not checked: there is no npm" "Install Node.js 20.19 or later for it."
	exit 0
fi
if grep -q '"resolved"' package-lock.json; then
	echo "ui/package-lock.json names a registry: npm install with --omit-lockfile-registry-resolved" >&2
	exit 1
fi
if ! [ node_modules/.package-lock.json -nt package-lock.json ] && ! npm ci --no-audit --no-fund; then
	skipped "the browser view is not checked: npm cannot install what it is built with" "Is there a network?"
	exit 0
fi

npx tsc --noEmit
npx vitest run
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
OUT_DIR=$built npx vite build --logLevel warn
if ! diff -r "$built" ../internal/web/dist >/dev/null; then
	echo "internal/web/dist is not what ui builds to: run \"make ui\" and commit it" >&2
	exit 1
fi
if ! [ -x "${E2ETAP_CHROMIUM:-/usr/bin/chromium}" ]; then
	skipped "nothing is tested in a browser: there is no ${E2ETAP_CHROMIUM:-/usr/bin/chromium}" "Install Debian's chromium, or name another one in E2ETAP_CHROMIUM."
fi
