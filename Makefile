# What a person or a machine does with this project. `make demo` and `make test` need Rust and a C compiler, nothing else.

CARGO ?= cargo
OUT ?= out

.PHONY: help demo test check fmt fmt-check lint doc compat

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

compat: ## Open the demo's files with Graphviz and Python's SQLite; installs what it needs
	tools/compat.sh
