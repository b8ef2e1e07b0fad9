"""What works on this machine, what is missing, and the one line that mends it."""

import os
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path

from autograder.counted import counted
from autograder.course import Course
from autograder.engine.sandbox import missing
from autograder.errors import UserError
from autograder.release import compare


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
    course: Course, looking: Callable[[str], None] = lambda subject: None
) -> Iterator[Finding]:
    """Look at everything that the course needs, one thing after the other.

    Nothing is changed, nothing is downloaded.
    looking: called with the subject that is looked at next
    """
    parts: Mapping[str, Callable[[Course], Finding]] = {
        "Python": _python,
        "Packages": _packages,
        "Kernel": _kernel,
        "GPU": _gpu,
        "Sandbox": _sandbox,
        "Exchange": _exchange,
        "Release": _release,
    }
    for subject, part in parts.items():
        looking(subject)
        yield part(course)


def _python(course: Course) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == (3, 11):
        return Finding("Python", Health.GOOD, f"{version} in {sys.prefix}")
    return Finding(
        "Python", Health.BAD, f"{version}, expected 3.11", "make clean lab PYTHON=python3.11"
    )


def pinned_versions(course: Course) -> dict[str, str]:
    """The exact versions that pyproject.toml names, by package."""
    project = tomllib.loads((course.root / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return dict(line.split("==", 1) for line in lines if "==" in line)


def _packages(course: Course) -> Finding:
    if not (course.root / "pyproject.toml").is_file():
        return Finding(
            "Packages", Health.OPTIONAL, "this course has no pyproject.toml to compare with"
        )
    wrong = []
    pins = pinned_versions(course)
    for name, wanted in pins.items():
        try:
            found = metadata.version(name).split("+")[0]
        except metadata.PackageNotFoundError:
            found = "missing"
        if found != wanted:
            wrong.append(f"{name} {found}, expected {wanted}")
    if not wrong:
        return Finding("Packages", Health.GOOD, f"all {len(pins)} at their pinned versions")
    remedy = f"{sys.executable} -m pip install -c requirements.lock -e '.[dev]'"
    return Finding("Packages", Health.BAD, "; ".join(wrong), remedy)


def _kernel(course: Course) -> Finding:
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


def _gpu(course: Course) -> Finding:
    try:
        import torch
    except ImportError:
        return Finding("GPU", Health.OPTIONAL, "cannot be looked for without torch")
    if torch.cuda.is_available():
        return Finding("GPU", Health.GOOD, torch.cuda.get_device_name(0))
    return Finding("GPU", Health.OPTIONAL, "none; every chapter runs on the CPU")


def _sandbox(course: Course) -> Finding:
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
        chapters = counted(len(course.released_chapters), "chapter")
        return Finding("Release", Health.GOOD, f"course/ is what solutions/ make, {chapters}")
    return Finding("Release", Health.BAD, f"course/ is stale: {', '.join(stale)}", "make release")
