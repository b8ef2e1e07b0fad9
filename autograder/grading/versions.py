"""What has to be the same on all machines that grade one class."""

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path

from autograder.grading.grade import ENGINE_VERSION

_ALWAYS = ("numpy", "torch", "tensorflow", "ipython", "nbformat", "msgpack")
"""Distributions that decide marks or the form of results, whatever the assignment imports."""
_ABSENT = "none"


@functools.cache
def versions(modules: tuple[str, ...]) -> Mapping[str, str]:
    """Versions of Python, of this package's own text, and of the libraries; nothing is imported.

    modules: top-level modules that the assignment imports
    """
    providers = importlib.metadata.packages_distributions()
    wanted = {*_ALWAYS, *(name for module in modules for name in providers.get(module, ()))}
    return {
        "Python": platform.python_version(),
        "autograder": f"engine {ENGINE_VERSION}, text {own_text()[:8]}",
        **{name: _version(name) for name in sorted(wanted)},
    }


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What is other than expected, in one phrase; empty if nothing is."""
    names = sorted(expected.keys() | found.keys(), key=lambda name: (name != "autograder", name))
    return "; ".join(
        f"{name} {found.get(name, _ABSENT)} instead of {expected.get(name, _ABSENT)}"
        for name in names
        if found.get(name, _ABSENT) != expected.get(name, _ABSENT)
    )


def absent(found: Mapping[str, str]) -> tuple[str, ...]:
    """Names of what is not installed."""
    return tuple(name for name, version in found.items() if version == _ABSENT)


def _version(name: str) -> str:
    try:
        # Of torch 2.13.0+cu130 and 2.13.0+cpu the same is used: the engine hides the GPU.
        return importlib.metadata.version(name).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return _ABSENT


@functools.cache
def own_text() -> str:
    """sha256 of this package's modules: an edit that raised no version makes a difference too."""
    total = hashlib.sha256()
    package = Path(__file__).parent.parent
    for path in sorted(package.rglob("*.py")):
        total.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
