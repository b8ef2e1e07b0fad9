# Everything starts here: each target sets up .venv first, with the newest Python that works.
# Another Python:            make lab PYTHON=/path/to/python3.11
# Another build of PyTorch:  make clean lab TORCH=cpu, or cuda; auto looks for an NVIDIA driver
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3 python,\
  $(shell $(name) -c '$(SUPPORTED)' > /dev/null 2>&1 && echo $(name))))
TORCH ?= auto
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
	@echo "make prove      all that a release demands, every known answer judged twice"
	@echo "make teach      open solutions/ and Formgrader in JupyterLab"
	@echo "make release    make course/ from solutions/"
	@echo "make solutions  run the reference notebooks again and store what they print;"
	@echo "                of one chapter: make solutions CHAPTER=02_cnn"
	@echo "make lint       check format, style, types"
	@echo "make bench      measure the figures in docs/measurements.md"

$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "There is no Python 3.11, 3.12 or 3.13 here: install one, \
	or name it, make PYTHON=/path/to/python3.13" >&2; exit 1; }
	@"$(PYTHON)" install.py --torch $(TORCH)

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
	autograder prove --thorough $(CHAPTER)

solutions: $(READY)
	jupyter nbconvert --to notebook --execute --inplace \
	  --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=600 $(or $(CHAPTER:%=solutions/%/*.ipynb),solutions/*/*.ipynb)

lint: $(READY)
	ruff format --check .
	ruff check .
	mypy

bench: $(READY)
	python tests/bench/bench_grading.py
	python tests/bench/bench_class.py
	python tests/bench/bench_books.py
	python tests/bench/bench_check.py
	python tests/bench/thresholds.py

# The exact versions of everything, one list for all Pythons and platforms. Versions that the file
# has stay while pyproject.toml allows them; `rm requirements.lock` first takes the newest of all.
lock:
	uv pip compile --universal --python-version 3.11 --extra dev --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
