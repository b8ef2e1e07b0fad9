#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image.
set -euo pipefail
base=${AUTOGRADER_BASE:-/autograder}
# The Python that made this zip, with what the assignment and the grading engine need, and no more.
python=$(< "$base/source/python.txt")
if ! command -v "$python" > /dev/null; then
  apt-get update --quiet
  apt-get install --quiet --yes --no-install-recommends software-properties-common
  add-apt-repository --yes ppa:deadsnakes/ppa
  apt-get install --quiet --yes --no-install-recommends "$python" "$python-venv"
fi
"$python" -m venv "$base/venv"
pip=("$base/venv/bin/python" -m pip install --quiet --no-cache-dir)
if torch=$(grep '^torch==' "$base/source/requirements.txt"); then
  "${pip[@]}" "$torch" --index-url https://download.pytorch.org/whl/cpu
fi
"${pip[@]}" --constraint "$base/source/requirements.lock" --requirement "$base/source/requirements.txt"
# Students' code runs as nobody: it may not read the hidden checks.
chown -R root:root "$base/source"
chmod -R go-w "$base/source"
chmod 600 "$base/source/assignment.json"
