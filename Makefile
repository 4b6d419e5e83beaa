# What a person or a machine does with this project. `make demo` and `make test` need Rust and a C compiler, nothing else.

CARGO ?= cargo
OUT ?= out

TARGET = $(or $(CARGO_TARGET_DIR),target)
BENCH_PYTHON = $(TARGET)/bench-venv/bin/python
SIZES ?= S,M
SHAPES ?= nested,flat
BENCH_ARGS ?=
BENCH_PARTS_ARGS ?=

.PHONY: help demo test check fmt fmt-check lint doc docs compat compat-sdk bench bench-parts

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Export invented organizations into out/ and print the summary
	@$(CARGO) build --quiet --bin lacegraph
	@status=0; $(CARGO) run --quiet --bin lacegraph -- demo --replace --out $(OUT) || status=$$?; \
	if [ $$status -eq 3 ]; then \
		echo; \
		echo "This is as it should be: one account of the demo fails on purpose, so lacegraph says PARTIAL and exits with 3."; \
	else \
		echo "lacegraph exited with $$status; the demo should exit with 3" >&2; \
		exit 1; \
	fi

test: ## Run the tests
	$(CARGO) test --workspace --locked

check: fmt-check lint test doc ## All that decides whether a change is good, but for what needs other programs

fmt: ## Format the code
	$(CARGO) fmt --all

fmt-check:
	$(CARGO) fmt --all --check

lint: ## Run the lints
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

doc: ## Build the documentation of the code
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items --locked

docs: ## Make anew what of the documents follows from the code
	$(CARGO) run --quiet --locked --bin lacegraph -- tables --format markdown > docs/tables.md

compat: ## Open the demo's files with SQLite, BI drivers, spreadsheets and Graphviz; installs what it needs
	tools/compat.sh

compat-sdk: ## Let the vendor's own client for Python ask the mock; installs what it needs
	tools/compat-sdk.sh

bench: ## Measure whole exports: SIZES=S,M,L SHAPES=nested,flat; bench/README.md tells how to read it
	$(CARGO) build --release --quiet --locked --bin lacegraph
	$(CARGO) build --release --quiet --locked --package lacegraph-export --example bare_loop
	tools/bench-venv.sh $(TARGET)/bench-venv
	@$(BENCH_PYTHON) -B bench/bench.py --bin $(TARGET)/release/lacegraph --floor $(TARGET)/release/examples/bare_loop \
		--work $(TARGET)/bench --sizes $(SIZES) --shapes $(SHAPES) $(BENCH_ARGS)

bench-parts: ## Measure parsing, building, access and escaping on their own
	$(CARGO) bench --locked --package lacegraph-fetch --bench pages -- $(BENCH_PARTS_ARGS)
	$(CARGO) bench --locked --package lacegraph-model --bench model -- $(BENCH_PARTS_ARGS)
	$(CARGO) bench --locked --package lacegraph-export --bench formats -- $(BENCH_PARTS_ARGS)
