# Thin aliases; the README gives each as a plain command too.
PYTHON ?= python3
BIN = .venv/bin
TEST = DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py test

.PHONY: help run test browser lint format coverage messages requirements

help: ## List the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	touch .venv/run

.venv/dev: requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	touch .venv/dev .venv/run

run: .venv/run ## Install, load the demo and serve it on 127.0.0.1:8000
	DEBUG=1 $(BIN)/python manage.py demo

test: .venv/dev ## Run the tests, on SQLite or on DATABASE_URL
	$(TEST) --parallel 2 tests --shuffle

coverage: .venv/dev ## Run the tests and hold the coverage
	rm -f .coverage*
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/coverage run manage.py test --parallel 2 tests --shuffle
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

browser: .venv/dev ## Run the browser tests with Debian's chromium
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py test --pattern 'browse_*.py' tests

lint: .venv/dev ## Lint, formatting, types, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint intranet/accounts/templates templates plans/templates
	$(BIN)/mypy

format: .venv/dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The site's templates belong to no app: for the while they count as home's.
messages: .venv/dev ## Collect the texts to translate and compile the catalogues
	mkdir -p intranet/accounts/locale home/locale plans/locale
	ln -sfn ../templates home/templates
	for app in intranet/accounts home plans; do \
		(cd $$app && $(CURDIR)/$(BIN)/django-admin makemessages --locale vi --symlinks \
			--no-location --no-obsolete --no-wrap \
			&& $(CURDIR)/$(BIN)/django-admin compilemessages --locale vi) || status=1; \
	done; rm home/templates; exit $${status:-0}

requirements: ## Export the locked requirements
	uv lock
	uv export --quiet --extra site --no-dev --no-emit-project --no-annotate --no-header -o requirements.txt
	uv export --quiet --extra site --group dev --no-emit-project --no-annotate --no-header -o requirements-dev.txt
