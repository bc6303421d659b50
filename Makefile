# Everything a developer says, in one word each. `make setup` first.
PYTHON := .venv/bin/python

.PHONY: setup dev check test test-fast migration bench docs static words

setup: ## make the environment from the lock
	python3 reel --help > /dev/null

dev: ## run everything with its logs shown
	python3 reel up --verbose

check: ## what CI checks before it tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/djlint templates --lint --quiet
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

test: ## every test
	python3 reel test

test-fast: ## without renders, servers and browsers
	python3 reel test -m "not slow and not browser"

migration: ## NAME="what becomes true": a new migration from what the models have changed
	python3 reel migrate --make "$(NAME)"

bench: ## NAME=animatic|conform|board|inflight: one benchmark
	python3 reel bench $(NAME) --json

docs: ## write the references that come from the code
	python3 reel docs settings --write
	python3 reel docs cli --write
	python3 reel docs problems --write
	python3 reel docs backends --write

static: ## build what runs in the browser
	cd static && npm ci --no-audit --no-fund && npm run build

words: ## gather the sentences to translate
	$(PYTHON) -m app.web.catalogues
