# Every verb makes the environment that it needs from a hash-pinned lock, with uv when there is one, else with pip, and
# again only when the lock, pyproject.toml or setup.py has changed: .venv for those who develop, and for the demo
# .venv-run, which holds what users get and no more.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
RUN := .venv-run
RUN_READY := $(RUN)/ready
TOOLS := .cache/tools
COMPILED := .cache/compiled

.PHONY: help demo test check lint types imports bench simulate chaos linked soak fuzz docs audit sbom lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

demo: $(RUN_READY)  ## the whole pipeline on this machine, nothing needed but Python (ARGS="--events 5000" and the like)
	$(RUN)/bin/greenflash-kafka demo $(ARGS)

# Four processes a core of a small machine: most of a test's time is waiting for brokers and for what it killed.
PROCESSES ?= 8
# A run starts hundreds of processes: what one has compiled the others take, though the environment may forbid it.
test: export PYTHONDONTWRITEBYTECODE :=
test: check $(COMPILED)  ## everything: the static checks, then all tests on a real Apache Kafka, whose address is printed
	$(BIN)/python -m tests.brokers --prepare
	$(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile $(ARGS)

check: lint types imports  ## the static part alone: seconds, no broker
	$(BIN)/python docs/generate.py --check

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

bench: $(READY)  ## what everything costs, beside others on the same work: 25 minutes (ARGS=--quick 3, ARGS="--only sending,filtering")
	$(BIN)/python -m bench $(ARGS)

CYCLES ?= 200
MESSAGES ?= 1000000
SEED ?= 1
PROTOCOL ?= classic
MEMBERS ?= 3
chaos: $(READY)  ## kill -9 the members of a group CYCLES=200 times over MESSAGES=1000000 (SEED=, PROTOCOL=classic|consumer, MEMBERS=): nothing lost, nothing twice
	$(BIN)/python -m tests.chaos --cycles $(CYCLES) --messages $(MESSAGES) --seed $(SEED) --protocol $(PROTOCOL) \
		--members $(MEMBERS) $(ARGS)

linked: $(READY)  ## 200,000 outcomes linked to 50,000 conversations over 6 partitions, with 5 kill -9 and a storm of rebalances, against the oracle
	$(BIN)/python -m tests.chaos --ledger 1 --messages 200000 --cycles 5 --every 20 --seed $(SEED) --protocol $(PROTOCOL) \
		--members $(MEMBERS) $(ARGS)

MINUTES ?= 30
RATE ?= 500
soak: $(READY)  ## steady traffic (RATE=500 messages a second) for MINUTES=30, with restarts and faults: memory and files stay flat
	$(BIN)/python -m tests.chaos.soak --minutes $(MINUTES) --rate $(RATE) --seed $(SEED) --protocol $(PROTOCOL) $(ARGS)

fuzz: $(READY)  ## inputs that nobody thought of, for a time: make fuzz SECONDS=60 [TARGET=whole]
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60) $(if $(TARGET),--target $(TARGET))

simulate: $(READY)  ## the pipeline in virtual time, under faults of every kind (SEEDS=10000 FIRST_SEED=1 VERBOSE=1)
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),1000) --first-seed $(or $(FIRST_SEED),1) $(if $(VERBOSE),--verbose)

docs: $(READY)  ## write the reference pages anew from the code
	$(BIN)/python docs/generate.py

audit: $(TOOLS)/ready  ## known vulnerabilities of what is installed; what couldn't be checked is said and is no pass
	.ci/audit $(TOOLS)

sbom: $(TOOLS)/ready  ## sbom.json (CycloneDX): packages with hashes and licences, and the C libraries in them
	$(BIN)/python .ci/sbom.py $(TOOLS)/bin/cyclonedx-py sbom.json

lock:  ## choose the newest versions that pyproject.toml allows (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(call compile,requirements.lock,--extra protobuf)
	$(call compile,requirements-dev.lock,--extra dev --constraint requirements.lock)
	uv pip compile -q .ci/tools.in --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" -o .ci/tools.lock

compile = uv pip compile -q pyproject.toml --group build $(2) --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" -o $(1)

clean:  ## remove what was made here, the environment and Kafka's jars included
	rm -rf $(VENV) $(RUN) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist consumer/*.egg-info

$(TOOLS)/ready: .ci/tools.lock .ci/tools $(READY)
	.ci/tools $(TOOLS)
	@touch $@

# In a new clone each of the processes would compile all files for itself, at the same time: half a minute of two cores.
# What can't be collected the tests say.
$(COMPILED): $(READY)
	$(BIN)/pytest --collect-only --quiet --quiet > /dev/null || true
	@mkdir -p $(@D)
	@touch $@

$(READY): requirements-dev.lock pyproject.toml setup.py .ci/environment
	@.ci/environment $(VENV) requirements-dev.lock 270
	@touch $@

$(RUN_READY): requirements.lock pyproject.toml setup.py .ci/environment
	@.ci/environment $(RUN) requirements.lock 100
	@touch $@
