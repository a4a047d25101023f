# `make` lists what there is to do. Each command sets up what it needs, and says what it is doing.

PROFILE  ?= local
PYTHON   := .venv/bin/python
TARGET   := $(or $(CARGO_TARGET_DIR),target)
FUNCTIONS := create-reports poll-jobs receive-notifications download-documents book-documents submit-vendor-invoices pull-purchases issue-invoices upload-invoices watch-books rotate-secrets
BINARIES := $(FUNCTIONS) fake-amazon countinghouse
STEP      = @printf '\n== %s\n'

.DEFAULT_GOAL := help
.PHONY: help setup build package demo practice alarms dashboard test test-build test-infra test-documents test-practice bench clean lint lint-format lint-template lint-clippy lint-docs

help: ## This list
	@echo "Countinghouse. Needs Rust and Python 3.11 or newer; the rest is set up by each command."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'
	@echo
	@echo "  make demo KEEP=1             leave the local stack running until Ctrl-C"
	@echo "  make demo FILE=settlement.txt  book your own file"

setup: ## Make .venv with the Python tools (part of every command below)
	@python3 infra/local/python_env.py

build: ## Build the functions, the fake Amazon and the command line tool
	$(STEP) "building (the first time takes minutes, later seconds)"
	cargo build --profile $(PROFILE) $(addprefix -p ,$(BINARIES))

package: setup build
	@$(PYTHON) infra/local/stack.py package --profile $(PROFILE)

demo: package ## Deploy to a local AWS, book two invented sellers, show the books
	$(STEP) "demo"
	@$(PYTHON) infra/local/demo.py $(if $(KEEP),--keep) $(if $(FILE),--file "$(FILE)")

alarms: setup ## Write the alarms of infra/alarms into the template
	@$(PYTHON) infra/alarms/make.py

dashboard: package ## Write the dashboard into the template, and draw it from the demo's data
	@$(PYTHON) infra/alarms/make.py
	@$(PYTHON) infra/dashboard/make.py
	$(STEP) "the demo, drawn"
	@$(PYTHON) infra/local/demo.py --dashboard docs/dashboard.svg
	@if command -v chromium >/dev/null 2>&1; then chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
	  --window-size=1448,1400 --screenshot=docs/dashboard.png "file://$(CURDIR)/docs/dashboard.svg" 2>/dev/null; \
	  else echo "no chromium: docs/dashboard.png is as it was"; fi

practice: package ## An empty stack on this machine: connect, backfill, watch
	$(STEP) "practice"
	@$(PYTHON) infra/local/practice.py

test: test-infra test-build test-documents test-practice ## Run every test
	@$(PYTHON) infra/local/stack.py package --profile $(PROFILE)
	$(STEP) "examples in the documentation"
	cargo test --workspace --profile $(PROFILE) --doc
	$(STEP) "tests"
	@if cargo nextest --version >/dev/null 2>&1; then \
	  set -x; cargo nextest run --workspace --cargo-profile $(PROFILE); \
	else \
	  set -x; cargo test --workspace --profile $(PROFILE) --lib --bins --tests; \
	fi

# Binaries and tests in one go: cargo then settles on one set of features, and builds the AWS libraries once for both.
test-build:
	$(STEP) "building binaries and tests (the first time takes minutes, later seconds)"
	cargo build --workspace --bins --tests --profile $(PROFILE)

test-infra: setup ## Check the template, the events and the scripts
	$(STEP) "template, events, scripts"
	$(PYTHON) -m unittest discover --start-directory tests/infra --pattern '*_checks.py'

test-documents: setup test-build ## Check the documents with the validators of PDF/A, Factur-X, XRechnung and FatturaPA
	$(STEP) "documents"
	PROFILE=$(PROFILE) $(PYTHON) -m unittest discover --start-directory tests/documents --pattern '*_checks.py'

test-practice: setup test-build ## Go the README's way from an empty stack to a watched one
	@$(PYTHON) infra/local/stack.py package --profile $(PROFILE)
	$(STEP) "practice"
	$(PYTHON) -m unittest discover --start-directory tests/practice --pattern '*_checks.py'

bench: setup ## Measure, and print a table
	$(STEP) "building what is deployed (the first time takes minutes, later seconds)"
	cargo build --release $(addprefix -p ,$(FUNCTIONS))
	@$(PYTHON) infra/local/stack.py package --profile release
	cargo build --workspace --bins --tests --profile $(PROFILE)
	$(STEP) "benchmarks"
	$(TARGET)/$(PROFILE)/countinghouse-bench --program $(TARGET)/$(PROFILE)/countinghouse

lint: lint-format lint-template lint-clippy lint-docs ## Formatting, clippy, documentation, template

lint-format:
	$(STEP) "formatting"
	cargo fmt --all --check

lint-template: setup
	$(STEP) "template"
	.venv/bin/cfn-lint infra/template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-west-1 .venv/bin/sam validate --lint --template infra/template.yaml
	@python3 infra/local/python_env.py checkov
	CKV_SKIP_PACKAGE_UPDATE_CHECK=true .venv-checkov/bin/checkov --config-file infra/checkov/exceptions.yaml --file infra/template.yaml
	@$(PYTHON) infra/checkov/check.py

lint-clippy:
	$(STEP) "clippy"
	cargo clippy --workspace --all-targets --profile $(PROFILE) -- -D warnings

lint-docs:
	$(STEP) "documentation"
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --profile $(PROFILE)

clean: ## Stop the local stack and remove what was made
	@if [ -x $(PYTHON) ]; then $(PYTHON) infra/local/stack.py stop; fi
	rm -rf .local .venv .venv-checkov target/lambda
	cargo clean
