"""What works on this machine, what is missing, and the one line that mends it."""

import importlib.util
import os
import shutil
import sys
import tomllib
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.course import Course
from autograder.engine.sandbox import missing
from autograder.errors import UserError
from autograder.release import compare

DISTRIBUTION = "deep-learning-in-notebooks"
_COURSE = "course"
"""The extra with what the chapters import."""


class Health(Enum):
    """How one thing is."""

    GOOD = "good"
    OPTIONAL = "optional"
    """Missing, and the course works without it."""
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `remedy` is the line that mends it."""

    subject: str
    health: Health
    detail: str
    remedy: str = ""


def examine(course: Course | None) -> tuple[Finding, ...]:
    """Look at everything that grading needs, and a course. Nothing is changed or downloaded.

    course: None where there is none, as beside an nbgrader course of another kind
    """
    findings = [_python(), packages(course.root if course else None), _kernel(), _gpu(), _sandbox()]
    if course:
        findings += [_exchange(course), _release(course)]
    return tuple(findings)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python", Health.GOOD, f"{version} in {sys.prefix}")
    return Finding(
        "Python", Health.BAD, f"{version}, expected 3.11, 3.12 or 3.13",
        "make clean lab PYTHON=/path/to/python3.13",
    )  # fmt: skip


def packages(root: Path | None) -> Finding:
    """Whether what this package asks for is here; in a checkout of it, in the locked versions.

    root: the course's folder
    """
    checkout = root if root and _is_checkout(root) else None
    locked = _locked(checkout / "requirements.lock") if checkout else {}
    lacking: dict[str, list[str]] = {"": [], _COURSE: []}
    different = []
    needs = _needs()
    for need in needs:
        name = canonicalize_name(need.requirement.name)
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            lacking[need.extra].append(f"{name} is missing")
            continue
        if not need.requirement.specifier.contains(found, prereleases=True):
            lacking[need.extra].append(f"{name} {found}, expected {need.requirement.specifier}")
        elif name in locked and found.split("+")[0] != locked[name]:
            different.append(f"{name} {found}, measured with {locked[name]}")
    wrong = lacking[""] + (lacking[_COURSE] if checkout else [])
    if wrong:
        return Finding("Packages", Health.BAD, "; ".join(wrong), _remedy(checkout))
    if different:
        return Finding("Packages", Health.OPTIONAL, "; ".join(different), _remedy(checkout))
    if lacking[_COURSE]:
        names = ", ".join(text.partition(" ")[0] for text in lacking[_COURSE])
        detail = f"what grading needs is here; our own course's chapters also need {names}"
        return Finding("Packages", Health.OPTIONAL, detail)
    how = "at the locked versions" if locked else "in versions that fit"
    return Finding("Packages", Health.GOOD, f"all {len(needs)} {how}")


def _is_checkout(root: Path) -> bool:
    """Whether the folder holds this project itself, not a course of somebody else's."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(project.get("project", {}).get("name") == DISTRIBUTION)


@dataclass(frozen=True)
class _Need:
    """One package that this one asks for; `extra` is empty for what it cannot do without."""

    requirement: Requirement
    extra: str


def _needs() -> tuple[_Need, ...]:
    """What this package itself and the chapters of its course import, on this machine."""
    needs: dict[str, _Need] = {}
    for line in metadata.requires(DISTRIBUTION) or []:
        one = Requirement(line)
        for extra in ("", _COURSE):
            if not one.marker or one.marker.evaluate({"extra": extra}):
                needs.setdefault(canonicalize_name(one.name), _Need(one, extra))
    return tuple(needs.values())


def _locked(path: Path) -> dict[str, str]:
    """Version by package on this machine; empty if there is no lock."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }


def _remedy(checkout: Path | None) -> str:
    """The line that installs what is missing: with uv where pip is not."""
    tool = f"{sys.executable} -m pip install"
    if importlib.util.find_spec("pip") is None:
        tool = f"uv pip install --python {sys.executable}"
    if checkout is None:
        return f"{tool} --upgrade {DISTRIBUTION}"
    return f'{tool} --constraint requirements.lock --editable ".[course]"  (in {checkout})'


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager

    command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    if shutil.which(command) and Path(command).resolve() == Path(sys.executable).resolve():
        return Finding("Kernel", Health.GOOD, f"python3 runs {command}")
    if command in ("python", "python3"):
        return Finding("Kernel", Health.GOOD, "python3 runs this Python")
    return Finding(
        "Kernel", Health.BAD, f"python3 runs {command}, not this Python",
        f"{sys.executable} -m ipykernel install --sys-prefix",
    )  # fmt: skip


def _gpu() -> Finding:
    try:
        import torch
    except ImportError:
        return Finding("GPU", Health.OPTIONAL, "cannot be looked for without torch")
    if torch.cuda.is_available():
        return Finding("GPU", Health.GOOD, torch.cuda.get_device_name(0))
    return Finding("GPU", Health.OPTIONAL, "none; every chapter runs on the CPU")


def _sandbox() -> Finding:
    why_not = missing()
    if not why_not:
        return Finding("Sandbox", Health.GOOD, "bubblewrap, with namespaces for each submission")
    remedy = "install bubblewrap with the system's package manager (Linux)"
    if shutil.which("bwrap"):
        remedy = (
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0  (or a virtual machine)"
        )
    return Finding("Sandbox", Health.OPTIONAL, f"{why_not}; needed to grade strangers", remedy)


def _exchange(course: Course) -> Finding:
    if sys.platform == "win32":
        detail = "nbgrader's exchange does not work on Windows; upload the notebook instead"
        return Finding("Exchange", Health.OPTIONAL, detail)
    place = course.classroom / "exchange"
    nearest = next(folder for folder in (place, *place.parents) if folder.exists())
    if os.access(nearest, os.W_OK):
        return Finding("Exchange", Health.GOOD, str(place))
    return Finding("Exchange", Health.BAD, f"{nearest} is not writable", f"chmod u+w {nearest}")


def _release(course: Course) -> Finding:
    try:
        stale = compare(course).stale
    except UserError as error:
        return Finding("Release", Health.BAD, str(error))
    if not stale:
        return Finding("Release", Health.GOOD, f"course/ is what solutions/ make, {_count(course)}")
    return Finding("Release", Health.BAD, f"course/ is stale: {', '.join(stale)}", "make release")


def _count(course: Course) -> str:
    number = len(course.released_chapters)
    return f"{number} chapter" + ("" if number == 1 else "s")
