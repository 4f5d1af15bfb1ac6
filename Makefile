# The two commands: `make demo` and `make test`. Both set up everything they need.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
STAMP := $(VENV)/.installed
PURE := edge_agent/model/*,edge_agent/drivers/*,edge_agent/vitals/*,edge_agent/patient/*,edge_agent/detect/*,edge_agent/batch/*,edge_agent/alerting/*,edge_agent/ward/*
PYTEST := $(RUN)/python -m pytest

.PHONY: demo test suite check types install wheel bench proof clean system-packages lock proof-kill proof-kill-anyone proof-power proof-outage proof-board proof-monitors proof-monitors-binary proof-monitors-nonin proof-monitors-text proof-fuzz proof-day proof-flat proof-fortnight proof-scenarios proof-mutants proof-random proof-wheel

demo: $(STAMP)  ## eight simulated beds until the alert came back through MQTT
	$(RUN)/crswatch demo --until-alert --for 110

test: $(STAMP) system-packages  ## lint, types and every test; types are checked while tests wait
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(MAKE) --no-print-directory --jobs=2 types suite

suite: export PYTHONDONTWRITEBYTECODE :=  # else each program that a test starts is compiled anew
suite: $(STAMP)
	$(PYTEST) -n auto --dist worksteal --cov --cov-report=term:skip-covered --durations=10 -m "not proof"
	$(RUN)/coverage report --include='$(PURE)' --fail-under=100 --format=total

check: $(STAMP) types  ## lint and types
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

types: $(STAMP)
	$(RUN)/mypy

install: $(STAMP)  ## .venv from the lock

$(STAMP): requirements.lock requirements-fuzz.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crswatch needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(RUN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(RUN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	-$(RUN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	  --only-binary :all: -r requirements-fuzz.lock  # where there is a wheel; tests say if not
	touch $@

system-packages:  ## the real broker and the real database that tests talk to
	./tools/system_packages.sh

wheel: $(STAMP)  ## dist/crswatch-VERSION.whl, without modules that an earlier build left
	rm -rf build
	$(RUN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

bench: $(STAMP)  ## every measured promise, as tables
	$(RUN)/python -m benchmarks.decode
	$(RUN)/python -m benchmarks.latency
	$(RUN)/python -m benchmarks.board
	$(RUN)/python -m benchmarks.cohort
	$(RUN)/python -m benchmarks.detect
	$(RUN)/python -m benchmarks.restart
	$(RUN)/python -m benchmarks.ward_rates

BINARY := philips or ge_dri or df2
NONIN := nonin and not df2
proof: proof-kill proof-kill-anyone proof-power proof-outage proof-board proof-monitors proof-fuzz proof-mutants proof-random proof-wheel proof-day proof-flat proof-fortnight proof-scenarios  ## the long proofs, one after the other

proof-monitors: proof-monitors-binary proof-monitors-nonin proof-monitors-text  ## an hour of every monitor to MQTT

proof-monitors-binary: $(STAMP) system-packages  ## 15 min
	$(PYTEST) -s -m proof tests/proofs/test_monitors.py -k '$(BINARY)'

proof-monitors-nonin: $(STAMP) system-packages  ## 18 min
	$(PYTEST) -s -m proof tests/proofs/test_monitors.py -k '$(NONIN)'

proof-monitors-text: $(STAMP) system-packages  ## 12 min
	$(PYTEST) -s -m proof tests/proofs/test_monitors.py -k 'not ($(BINARY) or $(NONIN))'

proof-fuzz: $(STAMP)  ## 20 million bytes to every driver, guided by coverage
	set -e; for driver in $$($(RUN)/python -m tests.fuzz.fuzz_driver --list); do \
	  $(RUN)/python -m tests.fuzz.fuzz_driver $$driver --megabytes 20; done

proof-kill: $(STAMP) system-packages  ## ten SIGKILLs in mid-stream
	$(PYTEST) -m proof tests/proofs/test_kill.py

proof-kill-anyone: $(STAMP) system-packages  ## 17 min: agent, broker and database of 32 beds die in random order
	$(PYTEST) -s -m proof tests/proofs/test_kill_anyone.py

proof-power: $(STAMP)  ## 4 min: 5,000 losses of power, 1,000 flipped bits
	$(PYTEST) -s -m proof tests/proofs/test_power_cut.py tests/proofs/test_flipped_bit.py

proof-outage: $(STAMP) system-packages  ## a minute without the database
	$(PYTEST) -m proof tests/proofs/test_outage.py

proof-board: $(STAMP) system-packages  ## 10 min: the demonstration's story on three screens
	$(PYTEST) -m proof tests/proofs/test_board_story.py

proof-day: $(STAMP)  ## 17 min: a patient's day at 100 and at 1,000 times speed
	$(PYTEST) -s -m proof tests/proofs/test_replay_speed.py -k day_gives

proof-flat: $(STAMP) system-packages  ## 15 min: three days with faults at 300 times speed; nothing grows
	$(PYTEST) -s -m proof tests/proofs/test_flat.py

proof-fortnight: $(STAMP)  ## 17 min: fourteen days at 1,250 times speed
	$(PYTEST) -s -m proof tests/proofs/test_replay_speed.py -k fourteen

proof-scenarios: $(STAMP) system-packages  ## every scenario live, over a pseudo-terminal to MQTT
	$(PYTEST) -s -m proof tests/proofs/test_scenarios.py

proof-mutants: $(STAMP)  ## small mistakes in every shipped rule, each found out by its vectors
	$(PYTEST) -n auto -m proof tests/rulebook/test_rule_mutants.py

proof-random: $(STAMP)  ## more random stays and restarts, alerts of random courses, a whole recording, the realism of the second physiology
	$(PYTEST) -n auto -m proof tests/batch tests/alerting tests/ward tests/recorded tests/simulators

proof-wheel: $(STAMP)  ## the wheel in an environment of its own: rules, demo, a driver of somebody else
	$(PYTEST) -m proof tests/proofs/test_wheel.py

COMPILE := $(RUN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header

lock: $(STAMP)  ## resolve the locks anew; the fuzzer has its own, wheels of it exist for few machines
	$(COMPILE) --extra study --extra dev --output-file requirements.lock pyproject.toml
	echo 'atheris>=3' | $(COMPILE) --output-file requirements-fuzz.lock -

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
