"""Where any nbgrader course keeps its things, as its own configuration says."""

import contextlib
import glob
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from traitlets.config import Config, JSONFileConfigLoader, PyFileConfigLoader

from autograder.assignment.class_file import read_class_file, use_class_file
from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.assignment.errors import UserError

CONFIG_FILES = {
    "nbgrader_config.json": JSONFileConfigLoader,
    "nbgrader_config.py": PyFileConfigLoader,
}
"""In nbgrader's order: what the Python file says wins."""

DEFAULT_SECONDS = 30
"""For a cell, as in nbgrader, where the course sets no `c.Execute.timeout`."""
_STEP = "{nbgrader_step}"
_ANY = "\0"
"""Stands for a name not known yet; no file name holds it."""


@dataclass(frozen=True)
class NbgraderCourse:
    """A course: its directories, all absolute, and those of its settings that decide marks.

    config:   nbgrader's configuration, with the directories below in it
    skip_tag: cells with this tag are not run
    timeout:  seconds for one cell; 0 for no limit
    layout:   what comes below each of the directories, "{student_id}/{assignment_id}"
    excluded: students whom the configuration leaves out
    """

    root: Path
    config: Any = field(repr=False, compare=False)
    source: Path
    release: Path
    submitted: Path
    autograded: Path
    feedback: Path
    db_url: str
    skip_tag: str = "skip-execution"
    timeout: int = DEFAULT_SECONDS
    layout: str = "{student_id}/{assignment_id}"
    excluded: frozenset[str] = frozenset()

    @property
    def class_directory(self) -> Path:
        """Where `class.toml` may lie: beside submitted/."""
        return self.submitted.parent

    def assignments(self) -> tuple[str, ...]:
        """Names of the assignments in source or release, sorted."""
        return tuple(
            sorted(
                {
                    name
                    for directory in (self.source, self.release)
                    for name, folder in self._found(directory, ".", _ANY)
                    if notebooks_in(folder)
                }
            )
        )

    def students(self, assignment: str) -> tuple[str, ...]:
        """Who handed in something for the assignment, sorted."""
        names = {name for name, _ in self._found(self.submitted, _ANY, assignment)}
        return tuple(sorted(names - self.excluded))

    def source_folder(self, assignment: str) -> Path:
        return self.source / self._below(".", assignment)

    def release_folder(self, assignment: str) -> Path:
        return self.release / self._below(".", assignment)

    def submission_folder(self, student: str, assignment: str) -> Path:
        return self.submitted / self._below(student, assignment)

    def autograded_folder(self, student: str, assignment: str) -> Path:
        return self.autograded / self._below(student, assignment)

    def feedback_folder(self, student: str, assignment: str) -> Path:
        return self.feedback / self._below(student, assignment)

    def _below(self, student: str, assignment: str) -> str:
        return self.layout.format(student_id=student, assignment_id=assignment, nbgrader_step="")

    def _found(self, directory: Path, student: str, assignment: str) -> Iterator[tuple[str, Path]]:
        """Folders below a directory, with the name that stands where `_ANY` was given."""
        pieces = str(PurePosixPath(self._below(student, assignment))).split(_ANY)
        pattern = re.compile("([^/]+)".join(re.escape(piece) for piece in pieces))
        for path in sorted(directory.glob("*".join(glob.escape(piece) for piece in pieces))):
            match = pattern.fullmatch(path.relative_to(directory).as_posix())
            if match and not match[1].startswith(".") and path.is_dir():
                yield match[1], path


def ignored_names(config: Any) -> tuple[str, ...]:
    """Patterns of the names that nbgrader hands out to nobody, and takes from nobody."""
    from nbgrader.coursedir import CourseDirectory

    return tuple(CourseDirectory(config=config).ignore)


def notebooks_in(folder: Path) -> tuple[Path, ...]:
    """The notebook files right in a folder, sorted; none if there is no such folder."""
    found = (path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    return tuple(sorted(path for path in found if path.is_file()))


def open_course(
    root: Path, classroom: Path | None = None, *, with_class: bool = True
) -> NbgraderCourse:
    """Read a course's own configuration, if it has one, and find its directories.

    classroom: directory of one class; submitted/, autograded/, feedback/ and gradebook.db lie in
               it, whatever the configuration says, unless its class.toml names another gradebook.
               This project's own course has one by default.
    with_class: whether class.toml is looked at; without it nothing of the gradebook is known
    The configuration is run in the course's folder with this process's environment, which is as
    before afterwards; not safe beside threads that use the working directory.
    raises: UserError if it is no course, or its configuration or class.toml cannot be read.
    """
    root = root.resolve()
    if not root.is_dir():
        raise UserError(f"{root}: there is no such folder.")
    config = _load(root, (classroom or Course(root).classroom).resolve())
    if classroom is not None:
        lies_in = classroom.resolve()
        for step in ("submitted", "autograded", "feedback"):
            config.CourseDirectory[f"{step}_directory"] = str(lies_in / step)
        config.CourseDirectory.db_url = f"sqlite:///{lies_in / 'gradebook.db'}"
    course = course_from(root, config)
    if with_class:
        read_class_file(course.class_directory)  # for its refusal; the next line has none
        if use_class_file(config, course.class_directory):
            course = course_from(root, config)
    if not (course.source.is_dir() or course.release.is_dir()):
        raise UserError(
            f"{root} is no nbgrader course: there is neither {course.source} nor {course.release}."
        )
    return course


def course_from(root: Path, config: Any) -> NbgraderCourse:
    """The course that a configuration describes; directories are added to it, absolute.

    root:   its folder, unless the configuration names another that exists
    config: nbgrader's, as traitlets loads it
    raises: UserError if nbgrader refuses the configuration, or its directory_structure does not
            begin with the step
    """
    from nbgrader.coursedir import CourseDirectory  # slow, and not needed to name a course

    with in_folder(root):
        named = config.CourseDirectory.get("root", "")
        config.CourseDirectory.root = str(Path(named).resolve() if named else root)
        if not Path(config.CourseDirectory.root).is_dir():  # a course that was moved here
            config.CourseDirectory.root = str(root)
        try:
            directories = CourseDirectory(config=config)
        except Exception as error:
            raise UserError(
                f"{root}: the configuration is not valid: {_one_line(error)}."
            ) from error
    before, step, below = directories.directory_structure.partition(_STEP)
    if not step or "{" in before:
        raise UserError(
            f"{root}: directory_structure is {directories.directory_structure}; "
            f"{_STEP} has to come first in it."
        )
    top = Path(directories.root)
    db_url = re.sub(
        r"^sqlite:///(?!/|:memory:|$)(.*)$",
        lambda match: f"sqlite:///{top / match[1]}",
        directories.db_url,
    )
    config.CourseDirectory.db_url = db_url
    limit = _setting(config, "timeout", DEFAULT_SECONDS)
    return NbgraderCourse(
        root=top,
        config=config,
        source=top / before / directories.source_directory,
        release=top / before / directories.release_directory,
        submitted=top / before / directories.submitted_directory,
        autograded=top / before / directories.autograded_directory,
        feedback=top / before / directories.feedback_directory,
        db_url=db_url,
        skip_tag=str(_setting(config, "skip_cells_with_tag", "skip-execution")),
        timeout=limit if isinstance(limit, int) and limit > 0 else 0,
        layout=below.strip("/" + os.sep),
        excluded=frozenset(filter(None, directories.student_id_exclude.split(","))),
    )


def _setting(config: Any, name: str, default: Any) -> Any:
    """A setting of nbgrader's Execute, which also hears what is said to the classes above it."""
    for section in ("Execute", "ExecutePreprocessor", "NotebookClient"):
        if section in config and name in config[section]:
            return config[section][name]
    return default


def _load(root: Path, classroom: Path) -> Any:
    """Run the configuration files.

    Ours makes the class directory when it is read, but to look at a course must not write into
    it: for that time a temporary folder stands in for it, and its name is replaced afterwards.
    """
    config = Config()
    with tempfile.TemporaryDirectory() as folder, in_folder(root), _restored_environment():
        stand_in = str(Path(folder).resolve() / "classroom")
        os.environ[CLASSROOM_VARIABLE] = stand_in
        for name, loader in CONFIG_FILES.items():
            if not (root / name).is_file():
                continue
            try:
                config.merge(loader(name, path=str(root)).load_config())
            except (Exception, SystemExit) as error:
                raise UserError(
                    f"{root / name}: cannot be read ({type(error).__name__}: {_one_line(error)})."
                ) from error
    for name in (stand_in, os.path.relpath(stand_in, root)):
        _replace(config, name, str(classroom))
    return config


def _replace(config: Any, old: str, new: str) -> None:
    for key, value in list(config.items()):
        if isinstance(value, Config):
            _replace(value, old, new)
        elif isinstance(value, str):
            config[key] = value.replace(old, new)


@contextlib.contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Work in a folder for a while: nbgrader takes relative paths from the course's root."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)


@contextlib.contextmanager
def _restored_environment() -> Iterator[None]:
    """Undo what a configuration does to the environment; let it leave no compiled modules."""
    environment, no_bytecode = dict(os.environ), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        sys.dont_write_bytecode = no_bytecode


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
