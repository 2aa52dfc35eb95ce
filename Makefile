# Two commands are all that a fresh machine with Go and a C compiler needs: "make demo" and "make test".

CLUSTER := .cache/cluster/bin/cluster
FUZZTIME ?= 5s

.PHONY: help build demo test check fuzz cluster bench ui ui-check ui-browser clean

help: ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 13

build: ## proxy and report, into bin/
	go build -o bin/ ./cmd/proxy ./cmd/report

demo: build cluster ## record real conformance specs and report them by test
	./demo.sh

test: cluster check ui-check ## everything, against the real cluster too
	cd test/cluster && go test -timeout 10m ./...
	$(CLUSTER) run -- go test -race -timeout 25m ./...
	$(MAKE) fuzz

check: ## what needs no test
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go build -o .cache/ honnef.co/go/tools/cmd/staticcheck
	.cache/staticcheck ./...
	cd test/cluster && go vet ./... && ../../.cache/staticcheck ./...

fuzz: ## every parser for FUZZTIME
	./test/fuzz.sh $(FUZZTIME)

cluster: ## the control plane and the e2e suite, into .cache/; slow once
	cd test/cluster && go run . build

bench: build ## compare the proxy with others, side by side
	go run ./bench

ui: ## the browser view, from ui into internal/web/dist
	cd ui && npm ci --no-audit --no-fund && npm run build

ui-check: ## that the built view is what its sources build to
	./test/ui.sh

ui-browser: ui-check ## the view in a real browser
	go test ./cmd/report -run 'TestInABrowser|TestThePageFollowsARun' -v

clean: ## all but the cluster's builds
	rm -rf bin .cache/acceptance
