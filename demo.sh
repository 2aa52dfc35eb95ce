#!/usr/bin/env bash
# The main job, once: start a real control plane, run real conformance specs behind the proxy, report them by test.
set -euo pipefail
cd "$(dirname "$0")"

db=demo.db
cluster=.cache/cluster/bin/cluster
focus='ConfigMap should run through a ConfigMap lifecycle'
focus+='|Secrets should patch a secret'
focus+='|PodTemplates should run the lifecycle of PodTemplates'
focus+='|RuntimeClass .*should support RuntimeClasses API operations'
focus+='|Certificates API .* should support CSR API operations'
focus+='|ServiceAccounts should run through the lifecycle of a ServiceAccount'
focus+='|Ingress API should support creating Ingress API operations'
focus+='|LimitRange should create a LimitRange with defaults'
focus+='|Lease lease API should be available'
focus+='|Kubectl describe should check if kubectl describe prints relevant information for rc and pods'

echo "demo: starting a Kubernetes control plane, then recording real conformance specs into $db" >&2
export db focus
$cluster run -- bash -c '
	set -o pipefail
	PATH="$E2ETAP_CLUSTER_BIN:$PATH"
	./bin/proxy run --db "$db" -- e2e.test --provider=skeleton --kubectl-path="$E2ETAP_CLUSTER_BIN/kubectl" \
		--ginkgo.v --ginkgo.no-color --ginkgo.json-report=.cache/demo.json --ginkgo.focus="$focus" |
		grep --line-buffered -E "^(\[sig-|Ran |SUCCESS|FAIL)" >&2'

echo
./bin/report --by-test --db "$db"
cat >&2 <<EOF
demo: the recording is $db; try:
demo:   ./bin/report --by verb,resource --db $db
demo:   ./bin/report coverage --db $db     # which operations of the API were asked for
demo:   ./bin/report serve --db $db        # in the browser
demo:   ./bin/report evaluate --db $db     # how far the tests of requests that name none can be trusted
EOF
