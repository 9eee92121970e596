# make run and make test do all the set-up; make help lists the rest.
# Order matters: the core is compiled first, the web app carries it, the binary carries the web app.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# A HOME that is empty, missing or read-only must not stop a build: caches then live in .cache, which git ignores.
ifneq ($(shell test -n "$$HOME" && test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/.cache/home
endif
export npm_config_audit := false
export npm_config_fund := false
export npm_config_update_notifier := false
# The Go version of go.mod is a minimum; nothing is downloaded behind the reader's back.
export GOTOOLCHAIN ?= local
# Files of public test data, read in place where they exist; tests that need them say so and skip. Only the tests are
# told: for the relay the same variable is --data, the folder that it writes.
ANAMNESIS_DATA ?= $(abspath ../shared/data)
check-go test-wasm e2e bench screenshots: export ANAMNESIS_DATA := $(ANAMNESIS_DATA)

GO ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 30s
# Brotli bytes of the core; growing past it fails make test. Source: the budget of the browser's start.
CORE_MAX := 1300000
# The same of the sample data: the core, and the relay's judgement beside it. It loads only when somebody looks around.
SAMPLE_MAX := 1500000
# Inlining makes code larger after compression, by 8 % here, and faster only in arithmetic: only that keeps it. The
# functions of these packages come out as without the flags, but for calls outside their loops.
CORE_FAST := crypto/internal/fips140/edwards25519/... filippo.io/edwards25519/... github.com/hdevalence/ed25519consensus \
	crypto/internal/fips140/sha256 crypto/internal/fips140/sha512 crypto/internal/fips140/sha3 crypto/internal/fips140/mlkem \
	crypto/internal/fips140/subtle crypto/internal/fips140/alias crypto/internal/fips140deps/... crypto/internal/constanttime \
	crypto/subtle golang.org/x/crypto/... internal/byteorder encoding/binary math/bits
CORE_FLAGS := -gcflags=all=-l $(CORE_FAST:%=-gcflags=%=)
# wasm/without/ecdh.go.txt says what is left out, and why; these are the files it was written against, and their hash.
ECDH = $(GOROOT)/src/crypto/internal/fips140/ecdh
ECDH_FILES = $(addprefix $(GOROOT)/src/crypto/ecdh/,ecdh.go nist.go) $(ECDH)/cast.go $(ECDH)/ecdh.go
REGEXP = $(GOROOT)/src/regexp
JSON = $(GOROOT)/src/encoding/json
ECDH_SUM := 597f4db439d42ef40164265e152fbbaa8dfa2fec6d62732aa07a88050315edab
# Rooms whose tests also run as WebAssembly, under Node.
WASM_ROOMS := ./shared/block ./shared/chain ./shared/govern ./shared/grant ./shared/gossip ./shared/share ./shared/seal ./shared/record ./wasm/bridge

NPM := npm --prefix web --no-progress --loglevel=error
GOROOT = $(shell $(GO) env GOROOT)
WASM_EXEC := web/src/core/worker/wasm_exec.js

.PHONY: help tools build core core-size web binary run test check check-go check-web test-wasm e2e screenshots lighthouse browser bench kills fuzz clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 18

tools:
	@mkdir -p "$$HOME" build/web
	@command -v $(GO) >/dev/null || { echo 'Go >= 1.26 is needed: https://go.dev/dl' >&2; exit 1; }
	@v=$$($(GO) env GOVERSION); [[ $$(printf 'go1.26\n%s\n' "$$v" | sort -V | head -1) == go1.26 ]] \
		|| { echo "Go >= 1.26 is needed, this is $$v: https://go.dev/dl" >&2; exit 1; }
	@command -v node >/dev/null && command -v npm >/dev/null \
		|| { echo 'Node >= 20.19 with npm is needed: https://nodejs.org/en/download' >&2; exit 1; }
	@v=$$(node --version); [[ $$(printf 'v20.19\n%s\n' "$$v" | sort -V | head -1) == v20.19 ]] \
		|| { echo "Node >= 20.19 is needed, this is $$v: https://nodejs.org/en/download" >&2; exit 1; }

build: core web binary ## build the core, the web app and the binary

# The flags make the same bytes on every machine with the same Go version.
core: tools $(WASM_EXEC) ## build the browser's core and its sample data
	@{ echo '{"Replace":{'; \
		for f in $$(ls $(REGEXP)/*.go $(JSON)/*.go | grep -v -e _test.go -e /regexp.go -e /encode.go); do \
		echo "\"$$f\":\"\","; done; \
		if [[ $$(cat $(ECDH_FILES) | sha256sum) == "$(ECDH_SUM)  -" ]]; then \
		echo '"$(ECDH)/cast.go":"","$(ECDH)/ecdh.go":"$(CURDIR)/wasm/without/ecdh.go.txt",'; \
		else echo 'this Go has other curves: the core keeps them and is larger' >&2; fi; \
		echo '"$(JSON)/encode.go":"$(CURDIR)/wasm/without/json.go.txt",'; \
		echo '"$(REGEXP)/regexp.go":"$(CURDIR)/wasm/without/regexp.go.txt"}}'; } >build/without.json
	@for p in core=./wasm sample=./wasm/sample; do \
		CGO_ENABLED=0 GOOS=js GOARCH=wasm $(GO) build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' \
			$(CORE_FLAGS) -overlay build/without.json -o build/web/$${p%%=*}.wasm $${p#*=}; \
		node web/tools/lines.js build/web/$${p%%=*}.wasm; done
	@node web/tools/compress.js build/web

core-size: core ## fail when the core or the sample data has outgrown its size
	@for p in core=$(CORE_MAX) sample=$(SAMPLE_MAX); do \
		size=$$(stat -c %s build/web/$${p%%=*}.wasm.br); echo "$${p%%=*}.wasm: $$size bytes with brotli, at most $${p#*=}"; \
		(( size <= $${p#*=} )) || { echo "$${p%%=*}.wasm is over its size" >&2; exit 1; }; done

# The runtime glue must come from the Go that compiles the core.
$(WASM_EXEC): tools
	@cmp -s "$(GOROOT)/lib/wasm/wasm_exec.js" $@ || cp "$(GOROOT)/lib/wasm/wasm_exec.js" $@

web/node_modules/.package-lock.json: web/package-lock.json | tools
	@$(NPM) ci --include=dev </dev/null
	@touch $@

web: core web/node_modules/.package-lock.json ## build the web app
	@VITE_CORE_BYTES=$$(stat -c %s build/web/core.wasm) VITE_SAMPLE_BYTES=$$(stat -c %s build/web/sample.wasm) \
		$(NPM) run build </dev/null
	@cp build/web/{core,sample}.wasm build/web/{core,sample}.wasm.br web/dist/
	@node web/tools/offline.js web/dist
	@node web/tools/compress.js web/dist

binary: web ## build the binary, web app inside
	@CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -o build/anamnesis ./relay/cmd/anamnesis

run: build ## build, start a relay for a try-out, print its address
	@exec ./build/anamnesis dev

test: check test-wasm core-size build e2e ## everything, the browser included

check: check-go check-web ## the quick gate before a commit

check-go: tools
	@files=$$(git ls-files '*.go' | xargs -r gofmt -l); [[ -z $$files ]] || { echo "gofmt: $$files" >&2; exit 1; }
	@$(GO) vet ./...
	@GOOS=js GOARCH=wasm $(GO) vet ./shared/... ./wasm/...
	@$(GO) run $(STATICCHECK) ./...
	@$(GO) test ./...

check-web: tools $(WASM_EXEC) web/node_modules/.package-lock.json
	@$(NPM) run check </dev/null

# The environment is cut down because Go's runner copies it into WASM memory, which has little room for it.
test-wasm: tools ## the ledger's tests as WebAssembly under Node
	@rooms=$$($(GO) list -e -f '{{if not .Error}}{{.ImportPath}}{{end}}' $(WASM_ROOMS) 2>/dev/null); \
		[[ -z $$rooms ]] || env -i PATH="$(GOROOT)/lib/wasm:$$PATH" HOME="$$HOME" GOTOOLCHAIN=$(GOTOOLCHAIN) \
		GOCACHE="$$($(GO) env GOCACHE)" GOMODCACHE="$$($(GO) env GOMODCACHE)" GOPROXY="$$($(GO) env GOPROXY)" \
		GOOS=js GOARCH=wasm $(GO) test -short $$rooms

e2e: build browser ## the real binary in a real Chromium
	@$(NPM) run e2e </dev/null

# The pictures that README shows; the rest stay in build/.
screenshots: build browser ## take pictures of every screen into build/look, and of the main ones into web/gallery
	@PICTURES="$(CURDIR)/build/pictures" node --test web/test/e2e/journey.spec.mjs </dev/null
	@PICTURES="$(CURDIR)/build/look" node web/test/look.mjs $(SCREENS) </dev/null
	@mkdir -p web/gallery
	@cd build/pictures && cp owner-timeline.png owner-compare.png reader-chart.png owner-who.png "$(CURDIR)/web/gallery/"
	@node web/tools/sheets.js build/look web/gallery

lighthouse: build browser ## Lighthouse over each page type, mobile, median of five; fails below 100 but in performance
	@$(NPM) exec --yes --package=lighthouse@13.5.0 -- node test/lighthouse.mjs </dev/null

browser:
	@for b in "$${CHROMIUM:-}" chromium chromium-browser google-chrome; do \
		[[ -n $$b ]] && command -v "$$b" >/dev/null && exit 0; done; \
	if [[ $$(id -u) == 0 ]] && command -v apt-get >/dev/null; then \
		echo 'installing chromium'; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq update </dev/null && apt-get -qq install -y --no-install-recommends chromium </dev/null >/dev/null; \
	else \
		echo 'the browser tests need Chromium: sudo apt-get install chromium, or set CHROMIUM to a browser' >&2; exit 1; \
	fi

bench: build ## measure, natively, in WASM and in the browser; one table, gates nothing
	@bash .ci/bench

kills: tools ## kill a relay 1,000 times while it writes
	@ANAMNESIS_KILLS=1000 $(GO) test -count=1 -timeout 30m -v -run '^TestKilled' ./relay/conformance

fuzz: tools ## each fuzz target for FUZZTIME
	@for pkg in $$($(GO) list ./shared/... ./relay/... ./wasm/...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$pkg; done; done

clean: ## remove what the other targets made
	@chmod -R u+w .cache 2>/dev/null || true
	@rm -rf build .cache web/node_modules $(WASM_EXEC)
	@find web/dist -mindepth 1 ! -name .keep -delete 2>/dev/null || true
