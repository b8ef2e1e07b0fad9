"""Scaffolds for authors: a new chapter, and a new exercise anywhere in a chapter.

Each begins with a placeholder (see `placeholders`) that keeps the contract, earns its points and is
proved by its known answers; TODO marks what the author has to put in its place.
"""

import builtins
import contextlib
import copy
import csv
import io
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_notebook

from autograder.assignment.course import Course
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import notebooks_in
from autograder.assignment.notebook import grade_id_of, read_notebook
from autograder.assignment.plurals import counted
from autograder.assignment.python_text import NOT_PYTHON
from autograder.assignment.whole_file import make_folder, write_whole
from autograder.authoring.findings import Finding, place
from autograder.authoring.glossary import SOURCE as GLOSSARY
from autograder.authoring.insertion import (
    correct_sums,
    insert,
    make_room,
    mentions,
    number_before,
    renumber,
)
from autograder.authoring.install_notes import code_of, install_line, read_pins, with_note
from autograder.authoring.placeholders import (
    DEFAULT_ANSWER,
    DEFAULT_MINUTES,
    chapter_cells,
    exercise_cells,
    glossary_rows,
    known_answers_text,
    terms_text,
)
from autograder.engine.names import bound_names

LONGEST_NAME = 50
"""Characters, so that the ids of its cells are within the 64 that a notebook allows."""

_TO_DO = re.compile(r"\bTODO\b:?[ \t]*(?P<what>[^\n]*)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CHAPTER = re.compile(r"(?:(?P<number>\d+)[_-])?(?P<stem>[A-Za-z][A-Za-z0-9_-]*)")
_LOCK = "requirements.lock"


@dataclass(frozen=True)
class Scaffold:
    """What was made.

    chapter: the assignment that it is in
    written: files that are new
    changed: files that were there before
    notes:   what became of the rest of the chapter, and what to look at; sentences
    """

    chapter: str
    written: tuple[Path, ...] = ()
    changed: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def to_dos(path: Path) -> tuple[str, ...]:
    """List what TODO marks in a notebook, or in a file of text: where, and what to do.

    raises: UserError if it cannot be read
    """
    return tuple(str(one) for one in left_to_do(path))


def left_to_do(path: Path) -> tuple[Finding, ...]:
    """What `to_dos` lists, each with its cell. raises: UserError as there"""
    texts: list[tuple[str, str, int | None]]
    if path.suffix == ".ipynb":
        notebook = read_notebook(path)
        texts = [(place(notebook, n), cell.source, n) for n, cell in enumerate(notebook.cells)]
    else:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{path}: cannot be read ({error}).", exit_code=1) from error
        texts = [
            (f"{path.name}, line {number}", line, None)
            for number, line in enumerate(lines, start=1)
        ]
    return tuple(
        Finding(where, match["what"].removesuffix("-->").strip() or "finish it", index)
        for where, text, index in texts
        for match in _TO_DO.finditer(text)
    )


def new_chapter(
    course: Course, name: str, *, title: str = "", answer: str = DEFAULT_ANSWER
) -> Scaffold:
    """Write a chapter with one exercise and a written answer, and the exercise's known answers.

    name:   the folder in solutions/, `09_graphs`
    title:  as in the first cell; made of the name unless given
    answer: name of the exercise's function
    raises: UserError if a name cannot be used, or a file or folder is in the way
    """
    files = chapter_files(course, name, title=title, answer=answer)
    glossary = course.solutions / GLOSSARY
    if not glossary.is_file():
        write_all(files)
        return Scaffold(name, written=tuple(files))
    write_all({**files, glossary: _with_terms(glossary, name)})
    return Scaffold(name, written=tuple(files), changed=(glossary,))


def chapter_files(
    course: Course, name: str, *, title: str = "", answer: str = DEFAULT_ANSWER
) -> dict[Path, bytes]:
    """What `new_chapter` writes; nothing is written. raises: UserError as there"""
    match = _CHAPTER.fullmatch(name)
    if not match:
        raise UserError(
            f"'{name}' cannot be a chapter's name; use letters, digits, dashes and underscores, "
            "as in 09_graphs."
        )
    folder = course.solutions / name
    if folder.exists():
        raise UserError(f"{folder} exists already; choose another name.")
    _require_name(answer)
    draft = new_notebook(cells=[*chapter_cells("", "_", "", 0)])
    _refuse_taken(f"chapter {name}", draft, answer)
    subject = _one_line(title) or _words(match["stem"])
    heading = f"Chapter {int(match['number'])} · {subject}" if match["number"] else subject
    notebook = new_notebook(metadata=_metadata(course))
    insert(notebook, 0, [*chapter_cells(heading, answer, _words(answer), DEFAULT_MINUTES)])
    setup = notebook.cells[1]
    if (course.solutions / GLOSSARY).is_file():
        setup.source += terms_text(name)
    if (course.root / _LOCK).is_file():  # a course whose chapters say what they need
        line = install_line(code_of(notebook), read_pins(course.root / _LOCK))
        setup.source = with_note(setup.source, line)
    return {
        folder / f"{match['stem']}.ipynb": _bytes(notebook),
        _known_answers(course, name, answer): known_answers_text(answer, as_class=False).encode(),
    }


def new_exercise(
    course: Course,
    chapter: str,
    answer: str,
    *,
    title: str = "",
    minutes: int = DEFAULT_MINUTES,
    as_class: bool = False,
    before: str = "",
    after: str = "",
) -> Scaffold:
    """Put an exercise into a chapter, and write its known answers.

    Exercises below it get the next number in their headings, the first cell the new sums, and the
    cells below it the next execution counts; nothing else of the notebook changes.

    answer:        name of the function or, with as_class, of the class that students write
    before, after: name of the answer whose exercise it is put beside; without them it comes after
                   the last exercise
    raises: UserError if a name is unknown, taken or cannot be used, or a file is in the way
    """
    if before and after:
        raise UserError("--before and --after cannot both be given; choose one of them.")
    name = chapter.rstrip("/").split("/")[-1]
    if name not in course.chapters:
        raise unknown("chapter", name, course.chapters, course.solutions)
    paths = notebooks_in(course.solutions / name)
    if len(paths) != 1:
        count = counted(len(paths), "notebook")
        raise UserError(f"{course.solutions / name} has {count}; a chapter has one.")
    (path,) = paths
    _require_name(answer)
    notebook = read_notebook(path)
    _refuse_taken(str(path), notebook, answer)
    known = _known_answers(course, name, answer)
    index = make_room(notebook, str(path), before, after)
    number = number_before(notebook, index) + 1
    subject = _one_line(title) or _words(answer)
    cells = exercise_cells(answer, subject, number, minutes, as_class=as_class)
    insert(notebook, index, cells)
    numbers = renumber(notebook.cells[index + len(cells) :], number + 1)
    notes = [f"It is exercise {number}; it begins with {place(notebook, index)}."]
    notes += [
        *_renumbered(numbers),
        *mentions(notebook, numbers),
        *correct_sums(notebook, str(path)),
    ]
    write_all(
        {
            known: known_answers_text(answer, as_class=as_class).encode(),
            path: _bytes(notebook),
        }
    )
    return Scaffold(name, written=(known,), changed=(path,), notes=tuple(notes))


def _require_name(name: str) -> None:
    """raises: UserError if this cannot be the name of a function or class that students write"""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UserError(
            f"'{name}' cannot be an answer's name; use a Python identifier of ASCII letters, digits "
            "and underscores that begins with a letter."
        )
    if len(name) > LONGEST_NAME:
        raise UserError(f"'{name}' has {len(name)} characters; {LONGEST_NAME} are the most.")
    if name in dir(builtins):
        raise UserError(f"'{name}' is one of Python's own names; choose another name.")


def _refuse_taken(path: str, notebook: Any, name: str) -> None:
    """raises: UserError if a cell, or the answer of a check, has the name, or a cell binds it"""
    for index, cell in enumerate(notebook.cells):
        if grade_id_of(cell).split("-")[0] == name or name in _bound(cell):
            raise UserError(
                f"{path}: '{name}' exists already, in {place(notebook, index)}; choose another name."
            )


def _bound(cell: Any) -> frozenset[str]:
    with contextlib.suppress(*NOT_PYTHON):
        if cell.cell_type == "code":
            return bound_names(cell.source)
    return frozenset()


def _known_answers(course: Course, chapter: str, answer: str) -> Path:
    """Where an exercise's known answers are to be. raises: UserError if something is there"""
    path = course.root / "tests" / "misconceptions" / chapter / f"{answer}.py"
    if path.exists():
        raise UserError(f"{path} exists already; choose another name, or move it away.")
    return path


def _with_terms(glossary: Path, chapter: str) -> bytes:
    """The glossary with the placeholders of a chapter's terms below it. raises: UserError"""
    try:
        text = glossary.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{glossary}: cannot be read ({error}).", exit_code=1) from error
    rows = io.StringIO()
    csv.writer(rows, lineterminator="\n").writerows(glossary_rows(chapter))
    return (text if text.endswith("\n") else f"{text}\n").encode() + rows.getvalue().encode()


def _renumbered(numbers: Mapping[int, int]) -> Iterator[str]:
    """Which exercises have another number now. numbers: old -> new"""
    old = sorted(numbers)
    shifts = {new - each for each, new in numbers.items()}
    if len(old) > 1 and len(shifts) == 1 and old[-1] - old[0] == len(old) - 1:
        first, last = numbers[old[0]], numbers[old[-1]]
        yield f"Exercises {old[0]} to {old[-1]} are now exercises {first} to {last}."
    else:
        yield from (f"Exercise {each} is now exercise {numbers[each]}." for each in old)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _words(name: str) -> str:
    """A title from a name: `max_pool` and `MaxPool` give "Max pool", `CNN` stays "CNN"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"[_-]+", " ", name)).split()
    first, *rest = spaced or [name]
    lower = (word if word.isupper() else word.lower() for word in rest)
    return " ".join((first[0].upper() + first[1:], *lower))


def _metadata(course: Course) -> dict[str, Any]:
    """The notebook's metadata: the kernel of the course's other chapters, if there are any."""
    for chapter in course.chapters:
        for path in notebooks_in(course.solutions / chapter)[:1]:
            metadata = read_notebook(path).metadata
            kept = [key for key in ("kernelspec", "language_info") if key in metadata]
            if "kernelspec" in kept:
                return {key: copy.deepcopy(metadata[key]) for key in kept}
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {"kernelspec": kernel, "language_info": {"name": "python"}}


def _bytes(notebook: Any) -> bytes:
    """The notebook as JupyterLab writes it."""
    text: str = nbformat.writes(notebook)
    return f"{text}\n".encode()


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write new files, and at last one that may have been there; none if one cannot be written.

    raises: UserError
    """
    new: list[Path] = []
    folders: list[Path] = []  # from the inside out
    try:
        for path, data in files.items():
            folders = [each for each in path.parents if not each.exists()] + folders
            make_folder(path.parent)
            if not path.exists():
                new.append(path)
            write_whole(path, data)
    except BaseException:
        for path in new:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        for folder in folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
