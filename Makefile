# Everything starts here: each target sets up .venv first.
# Another Python:  make lab PYTHON=/path/to/python3.11
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/ready
WORKERS ?= 3

export PATH := $(CURDIR)/$(BIN):$(PATH)
export TF_CPP_MIN_LOG_LEVEL := 3

.DEFAULT_GOAL := help
.PHONY: help lab teach demo book docs test prove release solutions lint bench lock clean

help:
	@echo "make lab        open the course in JupyterLab, in your own copy (my-course/)"
	@echo "make demo       grade an example class and show its marks"
	@echo "make book       write the course as web pages with search, in book/"
	@echo "make docs       the book, and in book/docs/ how to use, teach and change the course"
	@echo "make test       run all tests"
	@echo "make prove      judge every known answer, twice"
	@echo "make teach      open solutions/ and Formgrader in JupyterLab"
	@echo "make release    make course/ from solutions/"
	@echo "make solutions  run the reference notebooks again and store what they print"
	@echo "make lint       check format, style, types"
	@echo "make bench      measure the figures in docs/measurements.md"

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] != (3, 11) and \
	  'This course needs Python 3.11 and found %d.%d: make PYTHON=/path/to/python3.11' % sys.version_info[:2])"
	@echo "Installing the course in .venv: minutes the first time, once."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[dev]'
	@touch $(READY)

lab: $(READY)
	autograder lab

teach: $(READY)
	autograder lab --instructor

demo: $(READY)
	autograder demo

book: $(READY)
	autograder book

docs: book
	python -m sphinx -n -W --keep-going -q -b html -d build/docs docs book/docs
	@echo "wrote the documentation; open book/docs/index.html"

release: $(READY)
	autograder release

test: $(READY)
	python -m pytest -n $(WORKERS)
	autograder release --check

prove: $(READY)
	AUTOGRADER_THOROUGH=1 python -m pytest -n $(WORKERS) tests/test_misconceptions.py

solutions: $(READY)
	jupyter nbconvert --to notebook --execute --inplace \
	  --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=600 solutions/*/*.ipynb

lint: $(READY)
	ruff format --check .
	ruff check .
	mypy

bench: $(READY)
	python tests/bench_grading.py
	python tests/bench_class.py
	python tests/bench_check.py
	python tests/thresholds.py

# The exact versions of everything, from a fresh environment. Local labels (+cpu) are dropped, so
# that the lock fits every build of the same version.
lock:
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet '.[dev]'
	( echo "# Every package at its exact version: pip install --constraint requirements.lock -e '.[dev]'"; \
	  echo "# Made by 'make lock'. What one platform alone needs (CUDA libraries) its package pins itself."; \
	  .venv-lock/bin/python -m pip freeze --all --exclude pip --exclude deep-learning-in-notebooks \
	  | sed 's/+[a-z0-9]*$$//' ) > requirements.lock
	rm -rf .venv-lock build *.egg-info

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
