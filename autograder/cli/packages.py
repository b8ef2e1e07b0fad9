"""Which installed packages are not as this one asks, or not as the course was measured with.

The ranges are this package's own metadata; the exact versions are those of requirements.lock, and
count in a checkout of this project only: beside another course any version in the ranges will do.
"""

import importlib.util
import shlex
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.cli.without_packages import DISTRIBUTION

_COURSE = "course"
"""The extra with what the chapters import."""


@dataclass(frozen=True)
class Package:
    """One package that is asked for.

    found:  the installed version, empty if there is none
    fits:   whether it is in the range
    locked: the version that the course was measured with, empty outside of a checkout
    course: whether only the chapters of our own course import it
    """

    requirement: Requirement
    found: str
    fits: bool
    locked: str
    course: bool

    @property
    def differs(self) -> bool:
        """Whether it is in the range and has another version than was measured with."""
        return self.fits and bool(self.locked) and self.found.partition("+")[0] != self.locked

    @property
    def trouble(self) -> str:
        """What is wrong, in a phrase."""
        name = self.requirement.name
        if not self.found:
            return f"{name} is missing"
        if not self.fits:
            return f"{name} {self.found}, expected {self.requirement.specifier}"
        return f"{name} {self.found}, measured with {self.locked}"


def is_checkout(root: Path) -> bool:
    """Whether the folder holds this project itself, not a course of somebody else's."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(project.get("project", {}).get("name") == DISTRIBUTION)


def packages(checkout: Path | None) -> tuple[Package, ...]:
    """All that the harness and the chapters ask for on this machine.

    checkout: of this project, for its lock
    """
    locked = dict(_locked(checkout / "requirements.lock")) if checkout else {}
    found: dict[str, Package] = {}
    for line in metadata.requires(DISTRIBUTION) or []:
        one = Requirement(line)
        for extra in ("", _COURSE):
            name = canonicalize_name(one.name)
            if name in found or (one.marker and not one.marker.evaluate({"extra": extra})):
                continue
            version = _version(name)
            fits = bool(version) and one.specifier.contains(version, prereleases=True)
            found[name] = Package(one, version, fits, locked.get(name, ""), extra == _COURSE)
    return tuple(found.values())


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _locked(path: Path) -> Iterator[tuple[str, str]]:
    """Name and version, for this machine; nothing if there is no lock."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            pin = Requirement(line)
            if pin.marker is None or pin.marker.evaluate():
                yield canonicalize_name(pin.name), next(iter(pin.specifier)).version


def install_line(wrong: list[Package], checkout: Path | None) -> str:
    """What installs them: with uv where this environment has no pip."""
    tool = f"{sys.executable} -m pip install"
    if importlib.util.find_spec("pip") is None:
        tool = f"uv pip install --python {sys.executable}"
    if checkout:
        return f'cd {shlex.quote(str(checkout))} && {tool} --constraint requirements.lock --editable ".[course]"'
    return " ".join(
        [tool, *(f'"{one.requirement.name}{one.requirement.specifier}"' for one in wrong)]
    )
