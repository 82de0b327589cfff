# dcnet: every command that a developer or operator needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := dcnet exporter sopctl prometheus dashboards lab
CODE := $(PACKAGES) bench tests

# program:Debian package
DEMO_PROGRAMS := prometheus:prometheus promtool:prometheus prometheus-alertmanager:prometheus-alertmanager \
	snmpd:snmpd
SNMP_EXPORTER := ip:iproute2 prometheus-snmp-exporter:prometheus-snmp-exporter
LINK_PEERS := ip:iproute2 fping:fping sysctl:procps
SSH_PEERS := git:git openssl:openssl ss:iproute2 sshd:openssh-server ssh-keyscan:openssh-client ssh-keygen:openssh-client
DRILL_PROGRAMS := $(DEMO_PROGRAMS) ip:iproute2 snmpset:snmp /usr/lib/frr/bgpd:frr \
	/usr/lib/*/frr/modules/bgpd_snmp.so:frr-snmp lldpd:lldpd
TEST_PROGRAMS := $(DRILL_PROGRAMS) $(LINK_PEERS) $(SSH_PEERS) $(SNMP_EXPORTER) amtool:prometheus-alertmanager curl:curl \
	certutil:libnss3-tools dnsmasq:dnsmasq-base javac:default-jdk-headless openssl:openssl pdftotext:poppler-utils \
	snmpbulkwalk:snmp softhsm2-util:softhsm2 unbound:unbound unshare:util-linux victoria-metrics:victoria-metrics xjc:jaxb

# What is compiled once is kept: demo and tests start hundreds of Pythons.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo up down lab-files test truth drill check image-test generate bench ordeal lock clean
.DEFAULT_GOAL := help

help: ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: install ## set up everything, run the whole job once (lab, month, seven steps, report), and end
	@PYTHON="$(PYTHON)" lab/require_programs.sh $(DEMO_PROGRAMS)
	@$(BIN)/python -m lab demo

up: install ## start lab, exporter, Prometheus, Alertmanager (and Grafana where there is one) and leave them running
	@PYTHON="$(PYTHON)" lab/require_programs.sh $(DEMO_PROGRAMS)
	@$(BIN)/python -m lab up

down: install ## end what `make up` started
	@$(BIN)/python -m lab down

lab-files: install ## write the lab's inventory and random secrets to lab-config, for docker compose --profile demo
	@$(BIN)/python -m lab files lab-config

test: install ## every test
	@PYTHON="$(PYTHON)" lab/require_programs.sh $(TEST_PROGRAMS)
	$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not alone"
	$(BIN)/pytest -q -m alone tests/exporter

drill: install ## cause real faults in a network of real daemons, time what people are told; QUIET=30 minutes of silence
	@PYTHON="$(PYTHON)" lab/require_programs.sh $(DRILL_PROGRAMS)
	$(BIN)/python -m tests.drill --quiet $(or $(QUIET),30)

truth: install ## hold the checklist of 50 made-up months against what happened in them (long; months are kept in .cache)
	@PYTHON="$(PYTHON)" lab/require_programs.sh prometheus:prometheus promtool:prometheus \
		victoria-metrics:victoria-metrics
	$(BIN)/pytest -q tests/sopctl/truth --seeds 50

check: install ## lint, format, types, import contracts, generated files
	@PYTHON="$(PYTHON)" lab/require_programs.sh promtool:prometheus amtool:prometheus-alertmanager
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/python -m prometheus.build_rules --check
	$(BIN)/python -m dashboards.build --check
	promtool check config prometheus/prometheus.yml
	amtool check-config prometheus/alertmanager.yml

image-test: install ## build the image and prove it with the lab's files (skipped where no Docker engine answers)
	@BIN=$(BIN) lab/prove_image.sh

generate: install ## build rules, alerts and boards from prometheus/indicators.yml
	$(BIN)/python -m prometheus.build_rules
	$(BIN)/python -m dashboards.build

bench: install ## measure against named peers in the same run
	@PYTHON="$(PYTHON)" lab/require_programs.sh snmpd:snmpd snmpbulkwalk:snmp pdftotext:poppler-utils \
		$(SNMP_EXPORTER) $(LINK_PEERS) prometheus:prometheus promtool:prometheus
	$(BIN)/python -m bench

lock: install ## write the lock files again from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--no-header --group dev pyproject.toml -o requirements-dev.lock

ordeal: install ## the long tests in full: 200 races of eight, 200 kills, 5000 changed bytes, 100 walked months, 100 devices, floods of traps
	$(BIN)/pytest -q tests/sopctl/ordeal tests/sopctl/report/test_signed_commands.py tests/exporter/ssh/test_runner.py tests/exporter/traps --rounds full

clean: down ## end what runs and remove what was made
	rm -rf $(VENV) .run .cache demo dist

.PHONY: install
install: $(VENV)/.installed
	@# A login that may not write here would compile each module at each start.
	@$(BIN)/python -m compileall -q $(PACKAGES)

$(VENV)/.installed: requirements-dev.lock pyproject.toml
	@PYTHON="$(PYTHON)" lab/require_programs.sh
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
