"""Where a course keeps its things: one repository, `solutions/` the source, `course/` the release."""

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.errors import UserError

CLASSROOM_VARIABLE = "AUTOGRADER_CLASSROOM"
COURSE_VARIABLE = "AUTOGRADER_COURSE"
"""Tells what runs in JupyterLab of which course it is."""


@dataclass(frozen=True)
class Course:
    """A course repository.

    root: the folder of `nbgrader_config.py`.
    """

    root: Path

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def release(self) -> Path:
        return self.root / "course"

    @property
    def classroom(self) -> Path:
        """The default class directory; the environment variable names another one."""
        return self.root / os.environ.get(CLASSROOM_VARIABLE, "classroom")

    @property
    def chapters(self) -> tuple[str, ...]:
        """Names of the assignments in `solutions/`, in order."""
        return _notebook_folders(self.solutions)

    @property
    def released_chapters(self) -> tuple[str, ...]:
        """Names of the assignments in `course/`, in order."""
        return _notebook_folders(self.release)


def notebooks_of(folder: Path) -> tuple[Path, ...]:
    """The notebooks right in a folder, in order; hidden ones (`.~a.ipynb`) are an editor's."""
    return tuple(sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith(".")))


def _notebook_folders(directory: Path) -> tuple[str, ...]:
    """Folders with a notebook; a hidden one (`.ipynb_checkpoints`) is no chapter."""
    folders = (path for path in directory.glob("*") if not path.name.startswith("."))
    return tuple(sorted(folder.name for folder in folders if notebooks_of(folder)))


def find_course(start: Path | None = None) -> Course:
    """Return the course that `start` (default: the working directory) lies in.

    Falls back on the course that JupyterLab was opened for, then on the repository that this
    package was installed from, so that the commands work from anywhere.

    raises: UserError if there is none.
    """
    here = (start or Path.cwd()).resolve()
    opened = [Path(os.environ[COURSE_VARIABLE])] if os.environ.get(COURSE_VARIABLE) else []
    for folder in (here, *here.parents, *opened, Path(__file__).resolve().parents[2]):
        if (folder / "nbgrader_config.py").is_file() and (folder / "solutions").is_dir():
            return Course(folder)
    raise UserError(
        f"{here} is not in a course: no folder above it has nbgrader_config.py and solutions/."
    )
