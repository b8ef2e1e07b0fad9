"""The authority: what an assignment of any nbgrader course says, as one value.

It is the source passed through nbgrader's own GenerateAssignment as the course configures it,
but only as far as SaveCells: solutions are out, hidden tests still in. No database is touched and
nothing is written. Without a source it is the release.
"""

import copy
import fnmatch
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.assignment.cell_names import (
    assigned_names,
    class_names,
    import_lines,
    imported_modules,
    parsed,
)
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.generate import generated
from autograder.assignment.nbgrader_course import (
    DEFAULT_SECONDS,
    NbgraderCourse,
    ignored_names,
    notebooks_in,
)
from autograder.assignment.notebook import Kind, grade_id_of, kind_of, marks_of
from autograder.assignment.outcome import Way


@dataclass(frozen=True)
class GradedCell:
    """A cell that carries points: a check, or (WRITTEN) an answer or a task for a person to mark.

    index: its place in the blueprint's notebook.
    """

    index: int
    grade_id: str
    kind: Kind
    points: float


@dataclass(frozen=True)
class NotebookBlueprint:
    """One notebook of an assignment.

    name:            nbgrader's notebook name, the file's stem
    notebook:        nbformat 4.5 node: the release's cells, stubs instead of solutions and no
                     outputs, but the checks in full, hidden tests and their marks included
    student_names:   top-level names that answer cells and unlocked code cells bind, in solution or
                     stub; not those that only an import binds
    student_classes: those of them that a class statement binds
    answer_imports:  imports at the top level of those cells, as one Python source
    released:        texts of the cells as students get them, in the notebook's order; empty if
                     they are the notebook's own
    declares:        for each code answer, the names that its stub (or else its solution) binds
    skip_tag:        cells with this tag are not run
    ways:            how its checks are graded, by grade_id, as far as that is proved
    marks_only:      whether what cells show is not wanted: those below the last check are not run
    """

    name: str
    notebook: Any = field(repr=False)
    student_names: frozenset[str] = frozenset()
    student_classes: frozenset[str] = frozenset()
    answer_imports: str = ""
    released: tuple[str, ...] = field(default=(), repr=False)
    declares: Mapping[str, frozenset[str]] = field(default_factory=dict)
    skip_tag: str = "skip-execution"
    ways: Mapping[str, Way] = field(default_factory=dict)
    marks_only: bool = False

    @property
    def graded(self) -> tuple[GradedCell, ...]:
        """The cells with points, in order."""
        return tuple(_graded(self.notebook.cells))

    def runs(self, cell: Any) -> bool:
        """Whether a cell, of this notebook or merged into it, holds code that is not skipped."""
        tags = cell.metadata.get("tags") or ()
        return cell.cell_type == "code" and self.skip_tag not in tags


@dataclass(frozen=True)
class Blueprint:
    """An assignment.

    files:      folder of the data files that students get beside the notebooks, None if none
    data_files: their names below it; notebooks and what nbgrader ignores are not among them
    modules:    top-level modules, installed and not in the standard library, that cells import
    submodules: dotted names below those, as `import a.b` or `from a.b import c` name them; it is
                not known whether they exist
    key:        sha256 of all that decides marks
    notes:      what could not be known, one sentence each
    timeout:    seconds for one cell, as the course sets it; 0 for no limit
    """

    assignment: str
    notebooks: tuple[NotebookBlueprint, ...]
    files: Path | None
    modules: tuple[str, ...]
    key: str
    submodules: tuple[str, ...] = ()
    data_files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    skip_tag: str = "skip-execution"
    timeout: int = DEFAULT_SECONDS


def max_points(blueprint: Blueprint) -> float:
    """Points of the whole assignment, those that a person gives included."""
    return sum(cell.points for notebook in blueprint.notebooks for cell in notebook.graded)


def written_points(blueprint: Blueprint) -> float:
    """Points that no check gives: of written answers and tasks."""
    return sum(
        cell.points
        for notebook in blueprint.notebooks
        for cell in notebook.graded
        if cell.kind is Kind.WRITTEN
    )


def read_blueprint(course: NbgraderCourse, assignment: str) -> Blueprint:
    """Read an assignment of a course.

    raises: UserError if there is none, if nbgrader refuses it, or if it is not in Python
    """
    source, release = course.source_folder(assignment), course.release_folder(assignment)
    notes: tuple[str, ...] = ()
    if paths := notebooks_in(source):
        read = [_from_source(course, assignment, path) for path in paths]
    elif paths := notebooks_in(release):
        read = [_from_release(course, path) for path in paths]
        notes = (f"{assignment}: there is no source, so hidden tests are not known",)
    else:
        raise unknown("assignment", assignment, course.assignments(), course.root)
    notebooks = tuple(notebook for notebook, _ in read)
    sources = [text for _, texts in read for text in texts]
    modules, submodules = imported_modules(sources)
    files = release if release.is_dir() else source
    data_files = tuple(_data_files(course, files))
    return Blueprint(
        assignment=assignment,
        notebooks=notebooks,
        files=files if data_files else None,
        modules=modules,
        key=_key(assignment, notebooks, files, data_files),
        submodules=submodules,
        data_files=data_files,
        notes=notes,
        skip_tag=course.skip_tag,
        timeout=course.timeout,
    )


def _from_source(
    course: NbgraderCourse, assignment: str, path: Path
) -> tuple[NotebookBlueprint, list[str]]:
    solved = _read(path)
    try:
        full, released = generated(course, assignment, path, solved)
    except Exception as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise UserError(f"{path}: nbgrader refuses it: {reason}.", exit_code=1) from error
    return _notebook(course, path, solved, full, released)


def _from_release(course: NbgraderCourse, path: Path) -> tuple[NotebookBlueprint, list[str]]:
    released = _read(path)
    return _notebook(course, path, released, released, released)


def _notebook(
    course: NbgraderCourse, path: Path, solved: Any, full: Any, released: Any
) -> tuple[NotebookBlueprint, list[str]]:
    """Return the notebook's blueprint and the text of all its code, solutions included."""
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = _clean(full)
    try:
        MetadataValidator().validate_nb(notebook)
        nbformat.validate(notebook)
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise UserError(f"{path}: is not a valid notebook: {reason[0]}.", exit_code=1) from error
    answers = [cell for cell in (*solved.cells, *full.cells) if _is_code_answer(cell)]
    plain = [
        cell
        for cell in full.cells
        if kind_of(cell) is Kind.EXTRA and course.skip_tag not in (cell.metadata.get("tags") or ())
    ]
    trees = [tree for cell in (*answers, *plain) if (tree := parsed(cell.source))]
    declares: dict[str, frozenset[str]] = {}
    for cell in (*filter(_is_code_answer, full.cells), *answers):
        declares[grade_id_of(cell)] = declares.get(grade_id_of(cell)) or assigned_names(cell.source)
    imports = dict.fromkeys(line for tree in trees for line in import_lines(tree))
    return NotebookBlueprint(
        name=path.stem,
        notebook=notebook,
        student_names=frozenset().union(
            *(assigned_names(cell.source) for cell in (*answers, *plain))
        ),
        student_classes=frozenset(name for tree in trees for name in class_names(tree.body)),
        answer_imports="\n".join(imports),
        released=tuple(_released_texts(notebook, released)),
        declares=declares,
        skip_tag=course.skip_tag,
    ), [cell.source for cell in (*solved.cells, *full.cells) if cell.cell_type == "code"]


def _read(path: Path) -> Any:
    """Read an instructor's notebook, nbgrader's old metadata brought up to date."""
    from nbgrader.nbgraderformat import MetadataValidator

    try:
        notebook = nbformat.read(path, as_version=4)
        MetadataValidator().upgrade_notebook_metadata(notebook)
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"{path}: cannot be read: {reason}.", exit_code=1) from error
    spec = notebook.metadata.get("kernelspec", {})
    written_in = notebook.metadata.get("language_info", {}).get("name")
    language = str(spec.get("language") or written_in or spec.get("name") or "python")
    if "py" not in language.lower():
        raise UserError(
            f"{path}: its kernel is {spec.get('display_name') or language}; "
            "only notebooks in Python can be graded."
        )
    return notebook


def _clean(notebook: Any) -> Any:
    """Return the notebook in format 4.5 without outputs; ids are the cells' own or derived."""
    kept = {k: v for k, v in notebook.metadata.items() if k in ("kernelspec", "language_info")}
    clean = nbformat.v4.new_notebook(metadata=copy.deepcopy(kept), nbformat_minor=5)
    used: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        cell = copy.deepcopy(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(cell.get("id", ""))) or cell.id in used:
            cell.id = hashlib.sha256(f"{index}\n{cell.source}".encode()).hexdigest()[:12]
        used.add(cell.id)
        clean.cells.append(cell)
    return clean


def _released_texts(notebook: Any, released: Any) -> Iterator[str]:
    named = {grade_id_of(cell): cell.source for cell in released.cells if grade_id_of(cell)}
    parallel = len(released.cells) == len(notebook.cells)
    for index, cell in enumerate(notebook.cells):
        default = released.cells[index].source if parallel else cell.source
        yield named.get(grade_id_of(cell), default)


def _graded(cells: Iterable[Any]) -> Iterator[GradedCell]:
    for index, cell in enumerate(cells):
        marks = marks_of(cell)
        if marks.get("grade") or marks.get("task"):
            person = marks.get("solution") or marks.get("task")
            kind = Kind.WRITTEN if person else Kind.CHECK
            yield GradedCell(index, grade_id_of(cell), kind, float(marks.get("points") or 0))


def _is_code_answer(cell: Any) -> bool:
    return cell.cell_type == "code" and bool(marks_of(cell).get("solution"))


def _data_files(course: NbgraderCourse, folder: Path) -> Iterator[str]:
    """Names of the files that nbgrader would give to students with the notebooks."""
    ignored = ("*.ipynb", *ignored_names(course.config))
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(
            fnmatch.fnmatch(part, pattern) for part in name.parts for pattern in ignored
        ):
            yield name.as_posix()


def _key(
    assignment: str,
    notebooks: Iterable[NotebookBlueprint],
    folder: Path,
    data_files: Iterable[str],
) -> str:
    said: list[Any] = [assignment]
    for notebook in notebooks:
        said.append([notebook.name, notebook.skip_tag, notebook.answer_imports])
        said.append([sorted(notebook.student_names), sorted(notebook.student_classes)])
        for cell in notebook.notebook.cells:
            marks = {key: value for key, value in marks_of(cell).items() if key != "checksum"}
            if cell.cell_type != "code" and not any(
                marks.get(kind) for kind in ("grade", "solution", "task")
            ):
                continue  # text to read: a typo mended in it changes nobody's marks
            said.append([cell.cell_type, cell.source, marks, cell.metadata.get("tags")])
    for name in data_files:
        with (folder / name).open("rb") as file:
            said.append([name, hashlib.file_digest(file, "sha256").hexdigest()])
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
