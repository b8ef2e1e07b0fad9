"""What works on this machine, what is missing, and the one line that mends it."""

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.plurals import counted

_NAME_THE_GPU = """
import torch
print(torch.cuda.get_device_name(0) if torch.cuda.is_available() else "")
"""


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

    def as_json(self) -> dict[str, str]:
        """The finding as plain data, for `--json`."""
        return {
            "subject": self.subject,
            "health": self.health.value,
            "detail": self.detail,
            "remedy": self.remedy,
        }


def examine(
    course: Course | None, looking: Callable[[str], None] = lambda subject: None
) -> Iterator[Finding]:
    """Look at everything that grading needs, and a course, one thing after the other.

    Nothing is changed, nothing is downloaded.
    course:  None where there is none, as beside an nbgrader course of another kind
    looking: called with the subject that is looked at next
    """
    with suppress(ImportError):  # nbgrader brings setuptools, which has to come before distutils
        importlib.import_module("nbgrader")
    parts: dict[str, Callable[[], Finding]] = {
        "Python": _python,
        "Packages": lambda: _packages(course),
        "Kernel": _kernel,
        "GPU": _gpu,
        "Sandbox": _sandbox,
    }
    if course:
        parts["Imports"] = lambda: _imports(course)
        parts["Exchange"] = lambda: _exchange(course)
        parts["Release"] = lambda: _release(course)
    for subject, part in parts.items():
        looking(subject)
        try:
            yield part()
        except ImportError as error:  # what is to be diagnosed is no reason to end
            remedy = f"{sys.executable} -m pip install --force-reinstall {error.name or subject}"
            yield Finding(subject, Health.BAD, f"cannot be looked at ({error})", remedy)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python", Health.GOOD, f"{version} in {sys.prefix}")
    return Finding(
        "Python", Health.BAD, f"{version}, expected 3.11, 3.12 or 3.13",
        "make clean lab PYTHON=/path/to/python3.13",
    )  # fmt: skip


def _packages(course: Course | None) -> Finding:
    from autograder.cli.packages import install_line, is_checkout, packages

    checkout = course.root if course and is_checkout(course.root) else None
    found = packages(checkout)
    wrong = [one for one in found if not one.fits and (checkout or not one.course)]
    different = [one for one in found if one.differs]
    if wrong or different:
        health = Health.BAD if wrong else Health.OPTIONAL
        detail = "; ".join(one.trouble for one in wrong or different)
        return Finding("Packages", health, detail, install_line(wrong or different, checkout))
    if names := [one.requirement.name for one in found if not one.fits]:
        detail = "what grading needs is here; our own course's chapters also need "
        return Finding("Packages", Health.OPTIONAL, detail + ", ".join(names))
    how = "at the locked versions" if checkout else "in versions that fit"
    return Finding("Packages", Health.GOOD, f"all {len(found)} {how}")


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager

    command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    # An environment's interpreter is a link to its base's: only the folders tell them apart.
    here, there = (Path(name).parent.resolve() for name in (sys.executable, command))
    if shutil.which(command) and here == there:
        return Finding("Kernel", Health.GOOD, f"python3 runs {command}")
    if command in ("python", "python3"):
        return Finding("Kernel", Health.GOOD, "python3 runs this Python")
    return Finding(
        "Kernel", Health.BAD, f"python3 runs {command}, not this Python",
        f"{sys.executable} -m ipykernel install --sys-prefix",
    )  # fmt: skip


def _gpu() -> Finding:
    if importlib.util.find_spec("torch") is None:
        return Finding("GPU", Health.OPTIONAL, "cannot be looked for without torch")
    # In a process of its own: a library that ends Python does not end this command.
    run = subprocess.run(
        [sys.executable, "-c", _NAME_THE_GPU], capture_output=True, text=True, errors="replace"
    )
    if run.returncode:
        said = (run.stderr.strip().splitlines() or [f"exit code {run.returncode}"])[-1]
        return Finding("GPU", Health.BAD, f"PyTorch cannot be imported ({said})")
    if name := run.stdout.strip():
        return Finding("GPU", Health.GOOD, name)
    return Finding("GPU", Health.OPTIONAL, "none; every chapter runs on the CPU")


def _sandbox() -> Finding:
    from autograder.engine.sandbox import missing

    why_not = missing()
    if not why_not:
        return Finding("Sandbox", Health.GOOD, "bubblewrap, with namespaces for each submission")
    remedy = "install bubblewrap with the system's package manager (Linux)"
    if shutil.which("bwrap"):
        remedy = (
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0  (or a virtual machine)"
        )
    return Finding("Sandbox", Health.OPTIONAL, f"{why_not}; grading a class needs it", remedy)


def _imports(course: Course) -> Finding:
    """What the chapters import, in one Python, as grading and Check do it ahead."""
    from autograder.assignment.cell_names import imported_modules
    from autograder.assignment.notebook import read_notebook
    from autograder.engine.preload import preloaded, tried

    sources = [
        cell.source
        for chapter in course.released_chapters
        for path in sorted((course.release / chapter).glob("*.ipynb"))
        for cell in read_notebook(path).cells
        if cell.cell_type == "code"
    ]
    modules, _ = imported_modules(sources)
    if said := tried(preloaded(modules)):
        what, _, remedy = said.partition(": ")
        return Finding("Imports", Health.BAD, what, remedy)
    return Finding(
        "Imports", Health.GOOD, f"the chapters import {counted(len(modules), 'package')} together"
    )


def _exchange(course: Course) -> Finding:
    if sys.platform == "win32":
        detail = "nbgrader's exchange does not work on Windows; upload the notebook instead"
        return Finding("Exchange", Health.OPTIONAL, detail)
    place = course.classroom / "exchange"
    # Not Path.exists, which raises where the class is closed to this account.
    nearest = next(folder for folder in (place, *place.parents) if os.path.exists(folder))
    if os.access(nearest, os.W_OK):
        return Finding("Exchange", Health.GOOD, str(place))
    return Finding("Exchange", Health.BAD, f"{nearest} is not writable", f"chmod u+w {nearest}")


def _release(course: Course) -> Finding:
    from autograder.authoring.release import compare

    try:
        stale = compare(course).stale
    except UserError as error:
        return Finding("Release", Health.BAD, str(error))
    if not stale:
        chapters = counted(len(course.released_chapters), "chapter")
        return Finding("Release", Health.GOOD, f"course/ is what solutions/ make, {chapters}")
    return Finding("Release", Health.BAD, f"course/ is stale: {', '.join(stale)}", "make release")
