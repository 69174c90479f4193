# What people type. Every target sets up and builds what it needs first; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build experiment experiments test plots compare gate gate-baseline gate-calibrate gate-reference report claims bench \
        bench-reference test-real-programs test-containers test-slurm image image-check clean

PRESET ?= release
RESULT ?= results/latest
IMAGE ?=
LAB := build/release/alloclab
# Asked when a recipe runs, that is after setup.
PYTHON = $(shell scripts/setup.sh --python)

run_options = $(if $(ALLOCATORS),--allocators '$(ALLOCATORS)') $(if $(PROFILE),--profile '$(PROFILE)') \
              $(if $(RUNS),--runs '$(RUNS)') $(foreach set,$(SET),--set '$(set)') $(if $(OUT),--out '$(OUT)') \
              $(if $(MEASURE),--measure '$(MEASURE)') $(if $(SEED),--seed '$(SEED)') $(if $(CPUS),--cpus '$(CPUS)') \
              $(if $(MEMORY),--memory '$(MEMORY)') $(if $(SWAP),--swap '$(SWAP)') $(if $(PERF),--perf)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make experiment NAME=first_touch ALLOCATORS=glibc,jemalloc PROFILE=smoke|quick|full RUNS=5 \\"
	@echo "                  SET='block_bytes=4096,1048576' MEASURE=counts|time SEED=1 OUT=dir IMAGE=bookworm"

setup:
	@scripts/setup.sh

build: setup
	@test -f build/$(PRESET)/build.ninja || cmake --preset $(PRESET)
	@cmake --build --preset $(PRESET)

experiment: build ## NAME=…: measure, plot and print the answer; without NAME, list the experiments
	@scripts/experiment.sh $(if $(IMAGE),--image '$(IMAGE)') '$(NAME)' $(run_options)

experiments: build ## the same for all of them, into one result
	@scripts/experiment.sh $(if $(IMAGE),--image '$(IMAGE)') --all $(run_options)

plots: setup ## draw RESULT again (default results/latest), from its JSON alone
	@$(PYTHON) scripts/plot.py '$(RESULT)'

claims: build ## judge what people say about allocators, here or side by side in images (IMAGE=all)
	@$(if $(IMAGE),$(PYTHON) scripts/container.py claims --image '$(IMAGE)' $(if $(PERF),--perf),$(LAB) claims) $(if $(ALLOCATORS),--allocators '$(ALLOCATORS)') $(if $(PROFILE),--profile '$(PROFILE)')

compare: setup ## RESULT=dir (or 'dir dir'): its sides by BY=allocator|knob[:NAME]|param[:NAME]|commit|image against BASE=glibc
	@$(PYTHON) scripts/compare.py $(foreach result,$(RESULT),'$(result)') $(if $(BY),--by '$(BY)') $(if $(BASE),--base '$(BASE)')

gate: build ## RESULT=dir: its arm candidate against base, or BASELINE=dir CANDIDATE=dir; DETERMINISTIC=1: counters
	@$(PYTHON) scripts/gate.py $(if $(BASELINE)$(CANDIDATE),$(if $(BASELINE),--baseline '$(BASELINE)') \
	  $(if $(CANDIDATE),--candidate '$(CANDIDATE)'),'$(RESULT)') \
	  $(if $(DETERMINISTIC),--deterministic); \
	  code=$$?; echo "gate: exit $$code"; exit $$code

gate-baseline: build ## this build's counts against results/baseline; UPDATE=1 measures the baseline anew
	@rm -rf results/gate-baseline
	@scripts/gate_baseline.sh $(if $(UPDATE),--update); code=$$?; \
	  test $$code != 5 || { echo "gate: exit 5: this machine cannot be compared with the baseline's"; exit 0; }; \
	  exit $$code

gate-reference: build ## the reference allocator against the merge base (or AGAINST=commit), both built here
	@rm -rf results/gate
	@scripts/gate_reference.sh $(AGAINST); code=$$?; echo "gate: exit $$code"; exit $$code

gate-calibrate: build ## measure this machine's noise floor (A/A) for the gate
	@$(PYTHON) scripts/gate.py --calibrate

report: setup ## one HTML file on RESULT, with times from TIMES=dir (a result of MEASURE=time)
	@$(PYTHON) scripts/report.py '$(RESULT)' $(if $(TIMES),--times '$(TIMES)')

test: setup ## build, run all tests, end with their number
	@$(PYTHON) scripts/run_tests.py

bench: build ## what the instrument itself costs, against its goals
	@$(PYTHON) scripts/bench.py --build build/$(PRESET) $(BENCH_OPTIONS)

bench-reference: build ## the reference allocator beside the others: time and footprint
	@$(PYTHON) allocators/reference/bench/bench_reference.py $(BENCH_OPTIONS)

test-real-programs: build ## real programs on the reference allocator
	@scripts/setup.sh --real-programs
	@scripts/real_programs/run.sh

test-containers: build ## everything that needs podman or docker
	@scripts/setup.sh --containers
	@$(PYTHON) -m pytest -q -rs -m containers scripts

test-slurm: build ## shards on a real Slurm, started for the test
	@scripts/setup.sh --slurm
	@$(PYTHON) -m pytest -q -rs -m slurm scripts

image: setup ## build the container images (IMAGE=bookworm|trixie|forky|all, default all)
	@$(PYTHON) scripts/container.py build '$(or $(IMAGE),all)'

image-check: setup ## rebuild the images and name every difference from scripts/containers/images.lock.json
	@$(PYTHON) scripts/container.py check '$(or $(IMAGE),all)'

clean: ## remove what was built; results stay
	rm -rf build
