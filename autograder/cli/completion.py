"""What the shell completes: names of assignments and students, and paths of notebooks.

It runs at each Tab, so it looks at folders only, does not import nbgrader, and says nothing when
something is wrong. A course whose configuration moves its folders completes less.
"""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import typer

from autograder.assignment.course import Course, find_course

_FOLDERS = ("solutions", "source", "course", "release")
"""Where this course and nbgrader by default keep assignments."""
_MOST = 2_000
"""Entries of folders to look at, so that a home directory does not keep the shell waiting."""
_DEEP = 3

Completer = Callable[[typer.Context, str], list[str]]


def _quiet(find: Callable[[typer.Context, str], Iterable[str]]) -> Completer:
    """Give what begins as typed, sorted; nothing if anything goes wrong."""

    @wraps(find)
    def completer(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            return sorted({name for name in find(ctx, incomplete) if name.startswith(incomplete)})
        except Exception:  # a traceback would end up in the line that is being typed
            return []

    return completer


@_quiet
def assignments(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Names of the assignments of the course."""
    return _assignments(ctx)


@_quiet
def students(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Ids of the students who have submitted anything."""
    return _students(ctx)


@_quiet
def assignments_and_students(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Both, for arguments that take either."""
    return (*_assignments(ctx), *_students(ctx))


@_quiet
def notebooks(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Paths of the notebooks in the folder typed so far and below it."""
    typed = incomplete[: incomplete.rfind("/") + 1]
    folder = Path(typed or ".").expanduser()
    for path in itertools.islice(_walk(folder, _DEEP), _MOST):
        if path.suffix == ".ipynb":
            yield typed + path.relative_to(folder).as_posix()


def choices(names: Iterable[str]) -> Completer:
    """Completes one of a few words."""
    words = tuple(names)
    return _quiet(lambda ctx, incomplete: words)


def _walk(folder: Path, deep: int) -> Iterator[Path]:
    """Files and folders, level by level, without what is hidden."""
    level = [folder]
    for _ in range(deep):
        below = []
        for place in level:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    yield Path(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        below.append(Path(entry.path))
        level = below


def _assignments(ctx: typer.Context) -> Iterator[str]:
    root = _root(ctx)
    for folder in _FOLDERS:
        yield from (path.parent.name for path in (root / folder).glob("[!.]*/*.ipynb"))


def _students(ctx: typer.Context) -> Iterator[str]:
    named: Any = ctx.params.get("classroom")
    root = _root(ctx)
    for place in [Path(named)] if named else [Course(root).classroom, root]:
        submitted = place.expanduser() / "submitted"
        if submitted.is_dir():
            yield from (path.name for path in submitted.glob("[!.]*") if path.is_dir())


def _root(ctx: typer.Context) -> Path:
    named: Any = ctx.params.get("course_dir")
    return Path(named).expanduser() if named else find_course().root
